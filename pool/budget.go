package pool

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
)

var errReservedTwice = errors.New("task has reserved before: one attempt may do so once")

// Reserve waits until weight fits into Options.Budget beside what other tasks hold. A weight above the whole budget waits
// until nothing else is held, and is alone with it then. First come, first served: what fits does not overtake what is waiting, so
// nothing starves. The pool gives the weight back when the attempt ends, in whatever way. Reserve belongs to the task, not to Submit,
// because a job learns its cost only on the way, from the header of its file.
//
// Its error is ctx's, or says what is wrong with the call: a second one in an attempt, or a negative weight.
func (t *Task[J]) Reserve(ctx context.Context, weight int64) error {
	if t.reserved {
		return errReservedTwice
	}
	if weight < 0 {
		return fmt.Errorf("weight %d is negative", weight)
	}
	held, err := t.budget.acquire(ctx, weight)
	if err != nil {
		return err
	}
	t.reserved, t.held = true, held
	return nil
}

// clear ends an attempt: what it holds is given back, and the job is let go of.
func (t *Task[J]) clear() {
	if t.held > 0 {
		t.budget.release(t.held)
	}
	*t = Task[J]{budget: t.budget}
}

// budget is a weighted semaphore that admits in order of arrival.
type budget struct {
	limit   int64
	mu      sync.Mutex
	held    int64
	waiting list.List // of *admission
}

// admission is a task that waits.
type admission struct {
	weight  int64         // under budget.mu until granted
	granted chan struct{} // closed under budget.mu
}

// newBudget returns a budget of limit; 0: none.
func newBudget(limit int64) *budget {
	b := new(budget)
	b.change(limit)
	return b
}

// change sets another limit. What is held stays held, above it too.
func (b *budget) change(limit int64) {
	if limit <= 0 {
		limit = math.MaxInt64
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limit = limit
	b.admit()
}

// acquire waits for weight, or for all there is if that is less, and returns what to release.
func (b *budget) acquire(ctx context.Context, weight int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	b.mu.Lock()
	weight = min(weight, b.limit)
	if b.waiting.Len() == 0 && weight <= b.limit-b.held {
		b.held += weight
		b.mu.Unlock()
		return weight, nil
	}
	a := &admission{weight: weight, granted: make(chan struct{})}
	place := b.waiting.PushBack(a)
	b.mu.Unlock()

	select {
	case <-a.granted:
		return a.weight, nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-a.granted: // in the same moment
		b.held -= a.weight
	default:
		b.waiting.Remove(place)
	}
	b.admit() // those behind may fit now
	return 0, ctx.Err()
}

func (b *budget) release(weight int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= weight
	b.admit()
}

// admit lets in as many as fit, from the front.
func (b *budget) admit() {
	for e := b.waiting.Front(); e != nil; e = b.waiting.Front() {
		a := e.Value.(*admission)
		a.weight = min(a.weight, b.limit)
		if a.weight > b.limit-b.held {
			return
		}
		b.held += a.weight
		b.waiting.Remove(e)
		close(a.granted)
	}
}

// use is what is held, and how many wait for more.
func (b *budget) use() (held int64, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held, b.waiting.Len()
}
