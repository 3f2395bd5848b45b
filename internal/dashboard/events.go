package dashboard

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Times of a stream of events.
const (
	tick      = 200 * time.Millisecond // at least between looks at a state that changes
	work      = 500 * time.Millisecond // between looks while photos are worked on, and none is finished
	calm      = time.Second            // between looks while nothing happens
	heartbeat = 15 * time.Second       // without news, so that both sides know of each other
)

// mostReaders of streams at once.
const mostReaders = 64

var readers atomic.Int64

// news wakes who waits for something to happen. The zero value is ready.
type news struct {
	mu   sync.Mutex
	come chan struct{} // closed when there are some; nil: nobody waits
}

func (n *news) tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.come != nil {
		close(n.come)
		n.come = nil
	}
}

// next is closed by the next tell.
func (n *news) next() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.come == nil {
		n.come = make(chan struct{})
	}
	return n.come
}

// getEvents sends the state as server-sent events: at once, and whenever it has changed.
func (d *Dashboard) getEvents(w http.ResponseWriter, r *http.Request) {
	if readers.Add(1) > mostReaders {
		readers.Add(-1)
		fail(w, http.StatusServiceUnavailable, "too many pages are open: close one")
		return
	}
	defer readers.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	var last []byte
	sent := time.Time{}
	for {
		come, state := d.news.next(), d.State()
		var event bytes.Buffer
		event.WriteString("event: state\ndata: ")
		write(&event, state) // ends the line
		event.WriteByte('\n')
		changed := !bytes.Equal(event.Bytes(), last)
		switch {
		case changed:
			last = event.Bytes()
		case time.Since(sent) >= heartbeat:
			event.Reset()
			event.WriteString(":\n\n")
		default:
			event.Reset()
		}
		if event.Len() > 0 {
			sent = time.Now()
			_ = out.SetWriteDeadline(sent.Add(stallTime))
			if _, err := w.Write(event.Bytes()); err != nil || out.Flush() != nil {
				return
			}
		}
		if changed || state.Busy > 0 {
			if !rest(r.Context(), tick, nil) || !rest(r.Context(), work-tick, come) {
				return
			}
		} else if !rest(r.Context(), calm, come) {
			return
		}
	}
}

// rest waits, or until news have come; false: ctx has ended.
func rest(ctx context.Context, d time.Duration, come <-chan struct{}) bool {
	select {
	case <-come:
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}
