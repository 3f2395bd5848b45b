package pool

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// do gives n tasks to s, from so many submitters, and waits until all is done. It returns the number of results, or -1.
func (s system) do(work func(int) int, n, submitters int) int {
	submit, finish := s.start(work)
	var all sync.WaitGroup
	for k := 1; k < submitters; k++ {
		all.Go(func() {
			for i := k; i < n; i += submitters {
				submit(i)
			}
		})
	}
	for i := 0; i < n; i += submitters {
		submit(i)
	}
	all.Wait()
	return finish()
}

func empty(i int) int { return i }

// tenMicroseconds computes for about that long on a CPU of 3 GHz: each step waits for the one before.
func tenMicroseconds(i int) int {
	x := uint64(i)
	for range 8700 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return int(x >> 1)
}

// compare measures every system. An operation is one task, so ns/op are ns a task. There is no b.Loop because it would leave out
// the end: a pool whose queue has no bound has done little when the last task is submitted.
func compare(b *testing.B, work func(int) int, submitters int) {
	for _, s := range systems {
		b.Run("impl="+s.name, func(b *testing.B) {
			b.ReportAllocs()
			if got := s.do(work, b.N, submitters); got >= 0 && got != b.N {
				b.Fatalf("%d results of %d tasks", got, b.N)
			}
		})
	}
}

func BenchmarkEmpty(b *testing.B)      { compare(b, empty, 1) }
func Benchmark10us(b *testing.B)       { compare(b, tenMicroseconds, 1) }
func BenchmarkContention(b *testing.B) { compare(b, empty, 8) }

// BenchmarkMillion is a million tasks from the start of a pool to its end, each time.
func BenchmarkMillion(b *testing.B) {
	const tasks = 1_000_000
	for _, s := range systems {
		b.Run("impl="+s.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n := 0.0
			for b.Loop() {
				s.do(empty, tasks, 1)
				n += tasks
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(b.Elapsed())/n, "ns/task")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/task")
		})
	}
}

// A system that loses tasks would look fast.
func TestEverySystemDoesAllWork(t *testing.T) {
	for _, s := range systems {
		for _, submitters := range []int{1, 8} {
			var done atomic.Int64
			results := s.do(func(i int) int { done.Add(1); return i }, 1000, submitters)
			if done.Load() != 1000 || results != 1000 && results != -1 {
				t.Errorf("%s, %d submitters: %d of 1000 tasks done, %d results", s.name, submitters, done.Load(), results)
			}
		}
	}
}
