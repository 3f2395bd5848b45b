package pool

import (
	"sync"
	"time"
)

// Stats is a snapshot of a pool. Its figures are read one after the other, so while work goes on they may be off by what
// happened meanwhile; of a pool at rest they are exact: Submitted = Done + Failed + Abandoned. A job is counted before its
// Result can be read.
type Stats struct {
	Workers  int
	Queued   int // jobs waiting for a worker
	Retrying int // jobs waiting for their next attempt

	Submitted int64 // with those that Submit is finding a place for
	Done      int64 // ended well
	Failed    int64 // failed for good: the dead letters
	Abandoned int64 // not done because the pool was stopped
	Retries   int64 // attempts beyond the first
	Panics    int64
	Unread    int64 // results that nobody made room for when the pool was stopped

	Budget           int64 // what tasks have reserved; one heavier than the whole budget counts as the whole
	WaitingForBudget int   // tasks in Reserve
}

// Stats may be called at any time.
func (p *Pool[J, R]) Stats() Stats {
	s := Stats{
		Workers:   int(p.alive.Load()),
		Queued:    len(p.queue),
		Retrying:  p.backoff.len(),
		Submitted: p.submitted.Load(),
		Failed:    p.failed.Load(),
		Abandoned: p.abandoned.Load(),
		Retries:   p.retries.Load(),
		Panics:    p.panics.Load(),
		Unread:    p.unread.Load(),
	}
	s.Done = max(0, p.ended.Load()-s.Failed-s.Abandoned)
	s.Budget, s.WaitingForBudget = p.budget.use()
	return s
}

// DeadLetter is a job that failed for good.
type DeadLetter[J any] struct {
	Job      J
	Err      error // of the last attempt
	Attempts int
	Time     time.Time
}

// maxLetters bounds the memory that failures take.
const maxLetters = 1000

// DeadLetters returns the jobs that failed for good, the most recent 1000 of them, oldest first. Every one has had its Result
// too: this is the list to show, Results the place to act.
func (p *Pool[J, R]) DeadLetters() []DeadLetter[J] { return p.dead.list() }

// letters is a ring.
type letters[J any] struct {
	mu   sync.Mutex
	ring []DeadLetter[J]
	next int // the oldest, once the ring is full
}

func (l *letters[J]) add(d DeadLetter[J]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < maxLetters {
		l.ring = append(l.ring, d)
		return
	}
	l.ring[l.next] = d
	l.next = (l.next + 1) % maxLetters
}

func (l *letters[J]) list() []DeadLetter[J] {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(append([]DeadLetter[J]{}, l.ring[l.next:]...), l.ring[:l.next]...)
}
