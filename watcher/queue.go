package watcher

import (
	"cmp"
	"container/heap"
)

// queue is a heap of candidates. A candidate is in one queue at a time, which keeps its place up to date.
type queue struct {
	items  []*candidate
	before func(a, b *candidate) int // ties go to the one found first
}

func (q *queue) Len() int { return len(q.items) }

func (q *queue) Less(i, j int) bool {
	a, b := q.items[i], q.items[j]
	return cmp.Or(q.before(a, b), cmp.Compare(a.number, b.number)) < 0
}

func (q *queue) Swap(i, j int) {
	q.items[i], q.items[j] = q.items[j], q.items[i]
	q.items[i].place, q.items[j].place = i, j
}

func (q *queue) Push(x any) {
	c := x.(*candidate)
	c.place = len(q.items)
	q.items = append(q.items, c)
}

func (q *queue) Pop() any {
	last := len(q.items) - 1
	c := q.items[last]
	q.items[last] = nil
	q.items = q.items[:last]
	return c
}

// first is the candidate whose turn it is, nil for none.
func (q *queue) first() *candidate {
	if len(q.items) == 0 {
		return nil
	}
	return q.items[0]
}

func (q *queue) add(c *candidate) {
	c.queue = q
	heap.Push(q, c)
}

// remove takes c out of whichever queue it is in.
func (c *candidate) remove() {
	if c.queue != nil {
		heap.Remove(c.queue, c.place)
		c.queue = nil
	}
}

// byDue is the order of the waiting, by the time of their next look.
func byDue(a, b *candidate) int { return a.due.Compare(b.due) }

// order is the order of the ready.
func (o Order) compare() func(a, b *candidate) int {
	switch o {
	case Oldest:
		return func(a, b *candidate) int { return cmp.Compare(a.modified, b.modified) }
	case Newest:
		return func(a, b *candidate) int { return cmp.Compare(b.modified, a.modified) }
	case Smallest:
		return func(a, b *candidate) int { return cmp.Compare(a.size, b.size) }
	case Largest:
		return func(a, b *candidate) int { return cmp.Compare(b.size, a.size) }
	}
	return func(a, b *candidate) int { return 0 }
}
