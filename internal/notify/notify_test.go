package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// inbox is a channel that keeps what it gets.
type inbox struct{ got chan Message }

func (i inbox) Recipients() [][]string { return [][]string{{"me"}} }
func (i inbox) Deliver(_ context.Context, l *Letter) error {
	i.got <- l.Message
	l.accept()
	return nil
}

func TestWhenMessagesAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := inbox{make(chan Message, 100)}
		var busy atomic.Bool
		n := New(Options{
			Kinds: []string{Failed, Batch, Daily}, Channels: []Channel{in}, Quiet: 10 * time.Second, Daily: 8 * time.Hour, Busy: busy.Load,
			Day:   func() (Tally, error) { return Tally{Images: 7}, nil },
			Ended: func(Result) {}, Warn: func(err error) { t.Error(err) },
		})
		go n.Run(t.Context())
		start := time.Now()
		next := func(want string, after time.Duration) {
			t.Helper()
			m := <-in.got
			if m.Kind+": "+m.Subject != want || time.Since(start) != after {
				t.Errorf("after %s: %s: %s; want %s after %s", time.Since(start), m.Kind, m.Subject, want, after)
			}
		}
		busy.Store(true)
		n.Hear(Event{Source: "a", Failed: true, Reason: "x"})
		time.Sleep(6 * time.Second)
		n.Hear(Event{Source: "b", Failed: true, Reason: "x"})
		n.Hear(Event{Source: "c", Outputs: 1, In: 10, Out: 1})
		next("failed: pixmill: 2 photos failed", 10*time.Second)
		time.Sleep(20 * time.Second) // at 30: busy at 16 and at 26, so looked at again at 36
		busy.Store(false)
		next("batch: pixmill: 1 photo done, 2 failed", 36*time.Second)
		next("daily: pixmill: the last 24 hours: 7 photos done", untilDaily(start, 8*time.Hour))
		next("daily: pixmill: the last 24 hours: 7 photos done", untilDaily(start, 8*time.Hour)+24*time.Hour)
		n.Hear(Event{Source: "d", Outputs: 1})
		if err := n.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		next("batch: pixmill: 1 photo done", untilDaily(start, 8*time.Hour)+24*time.Hour)
		if len(in.got) > 0 {
			t.Errorf("%d messages more", len(in.got))
		}
	})
}

// Failures that the batch's message names have none of their own, and do not wait for a batch that has no end.
func TestFailuresAreToldOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		kinds []string
		after int // photos that follow the one that fails, every 4 s
		want  []string
	}{
		{"a batch", []string{Failed, Batch}, 0, []string{"batch 0+1 at 10s"}},
		{"a batch that goes on", []string{Failed, Batch}, 2, []string{"batch 2+1 at 18s"}},
		{"one without an end in sight", []string{Failed, Batch}, 6, []string{"failed 0+1 at 20s", "batch 6+1 at 34s"}},
		{"failures alone", []string{Failed}, 2, []string{"failed 0+1 at 10s"}},
		{"batches alone", []string{Batch}, 0, []string{"batch 0+1 at 10s"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			in := inbox{make(chan Message, 100)}
			n := New(Options{Kinds: tt.kinds, Channels: []Channel{in}, Quiet: 10 * time.Second, Ended: func(Result) {}, Warn: func(err error) { t.Error(err) }})
			go n.Run(t.Context())
			start := time.Now()
			n.Hear(Event{Source: "a", Failed: true, Reason: "x"})
			for range tt.after {
				time.Sleep(4 * time.Second)
				n.Hear(Event{Source: "b", Outputs: 1})
			}
			time.Sleep(time.Minute)
			if err := n.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			close(in.got)
			var got []string
			for m := range in.got {
				got = append(got, fmt.Sprintf("%s %d+%d at %s", m.Kind, m.Tally.Images, m.Tally.Failed, m.Time.Sub(start)))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
			}
		})
	}
}

// What is left at the end is told once, too.
func TestFinishTellsFailuresOnce(t *testing.T) {
	for _, kinds := range [][]string{{Failed, Batch}, {Batch}, {Failed}} {
		synctest.Test(t, func(t *testing.T) {
			in := inbox{make(chan Message, 100)}
			n := New(Options{Kinds: kinds, Channels: []Channel{in}, Quiet: 10 * time.Second, Ended: func(Result) {}, Warn: func(err error) { t.Error(err) }})
			go n.Run(t.Context())
			n.Hear(Event{Source: "a", Failed: true, Reason: "x"})
			if err := n.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if m := <-in.got; m.Kind != kinds[len(kinds)-1] || m.Tally.Failed != 1 || len(in.got) > 0 {
				t.Errorf("%q: %+v, and %d more", kinds, m, len(in.got))
			}
		})
	}
}

// A channel that hangs holds nobody up but itself.
func TestHearNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{Kinds: []string{Failed}, Channels: []Channel{stuck{}}, Quiet: time.Millisecond, Ended: func(Result) {}, Warn: func(error) {}})
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- n.Run(ctx) }()
		start := time.Now()
		for range 100_000 {
			n.Hear(Event{Failed: true})
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("hearing took %s", took)
		}
		time.Sleep(time.Second)
		cancel()
		<-ran
	})
}

type stuck struct{}

func (stuck) Recipients() [][]string { return [][]string{{"nobody"}} }
func (stuck) Deliver(ctx context.Context, _ *Letter) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestUntilDaily(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here:", err)
	}
	for _, tt := range []struct {
		now  time.Time
		at   time.Duration
		want time.Duration
	}{
		{time.Date(2026, 5, 1, 7, 0, 0, 0, time.UTC), 8 * time.Hour, time.Hour},
		{time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC), 8 * time.Hour, 24 * time.Hour},
		{time.Date(2026, 3, 28, 9, 0, 0, 0, zone), 8 * time.Hour, 22 * time.Hour},  // the night with one hour less
		{time.Date(2026, 10, 24, 9, 0, 0, 0, zone), 8 * time.Hour, 24 * time.Hour}, // and one more
	} {
		if got := untilDaily(tt.now, tt.at); got != tt.want {
			t.Errorf("at %s, %s is %s away, want %s", tt.now, tt.at, got, tt.want)
		}
	}
}

func TestTextNamesTheFirstFailures(t *testing.T) {
	var tally Tally
	for range 25 {
		tally.Add(Event{Source: "x.jpg", Failed: true, Reason: "damaged"})
	}
	got := text(tally)
	if strings.Count(got, "x.jpg: damaged") != mostFailures || !strings.Contains(got, "and 5 more") {
		t.Error(got)
	}
}

func TestWebhook(t *testing.T) {
	var answers atomic.Int32
	var got Message
	codes := []int{500, 429, 204}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(codes[answers.Add(1)-1])
	}))
	defer s.Close()
	if r := send(t, Webhook{s.URL + "/secret", time.Second}); r.Sent != 1 || answers.Load() != 3 {
		t.Errorf("%d sent after %d attempts: %v", r.Sent, answers.Load(), r.Refused)
	}
	if got.Kind != Batch || got.Tally.Images != 1 || got.Tally.Failed != 1 || got.Tally.Failures[0].Reason != "damaged" {
		t.Errorf("posted %+v", got)
	}
	codes, _ = []int{404}, answers.Swap(0)
	if r := send(t, Webhook{s.URL + "/secret", time.Second}); r.Sent != 0 || answers.Load() != 1 || len(r.Refused) != 1 {
		t.Errorf("refused for good: %d sent after %d attempts", r.Sent, answers.Load())
	}
	s.Close()
	r := send(t, Webhook{s.URL + "/secret", time.Second})
	if len(r.Refused) != 1 || strings.Contains(r.Refused[0].Why.Error(), "secret") || errors.Unwrap(r.Refused[0].Why) == nil {
		t.Errorf("without a server: %v", r.Refused)
	}
}
