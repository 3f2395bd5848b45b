package watcher

import (
	"cmp"
	"container/heap"
	"time"
)

// entry is one file that was seen: waiting to be complete, ready to be taken, or taken.
type entry struct {
	file File
	seq  int64 // in the order of discovery
	scan int64 // the last scan that found it

	first   time.Time // when this version was first seen
	changed time.Time // when it last changed, as far as was seen
	pause   time.Duration
	next    time.Time // the next look
	queue   *queue    // where it waits, or nil
	index   int       // in the queue

	taken  bool // this version was handed over
	warned bool // that it cannot be read, or does not end
}

// queue is a heap of entries.
type queue struct {
	list []*entry
	less func(a, b *entry) int
}

func (q *queue) Len() int           { return len(q.list) }
func (q *queue) Less(i, j int) bool { return q.less(q.list[i], q.list[j]) < 0 }
func (q *queue) Swap(i, j int) {
	q.list[i], q.list[j] = q.list[j], q.list[i]
	q.list[i].index, q.list[j].index = i, j
}

// Push is for container/heap; put is for the others.
func (q *queue) Push(x any) {
	e := x.(*entry)
	e.index = len(q.list)
	q.list = append(q.list, e)
}

// Pop is for container/heap; remove is for the others.
func (q *queue) Pop() any {
	last := len(q.list) - 1
	e := q.list[last]
	q.list[last] = nil
	q.list = q.list[:last]
	return e
}

// put moves an entry into this queue, or to its new place in it.
func (q *queue) put(e *entry) {
	if e.queue == q {
		heap.Fix(q, e.index)
		return
	}
	remove(e)
	e.queue = q
	heap.Push(q, e)
}

// remove takes an entry out of the queue it is in.
func remove(e *entry) {
	if e.queue != nil {
		heap.Remove(e.queue, e.index)
		e.queue = nil
	}
}

func (q *queue) first() *entry {
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0]
}

// byTime orders those that wait by their next look.
func byTime(a, b *entry) int { return a.next.Compare(b.next) }

var orders = map[Order]func(a, b *entry) int{
	Found:    bySeq,
	Oldest:   func(a, b *entry) int { return cmp.Or(a.file.ModTime.Compare(b.file.ModTime), bySeq(a, b)) },
	Newest:   func(a, b *entry) int { return cmp.Or(b.file.ModTime.Compare(a.file.ModTime), bySeq(a, b)) },
	Smallest: func(a, b *entry) int { return cmp.Or(cmp.Compare(a.file.Size, b.file.Size), bySeq(a, b)) },
	Largest:  func(a, b *entry) int { return cmp.Or(cmp.Compare(b.file.Size, a.file.Size), bySeq(a, b)) },
}

func bySeq(a, b *entry) int { return cmp.Compare(a.seq, b.seq) }
