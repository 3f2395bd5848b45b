package dashboard

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"time"
)

// Times of a stream of events.
const (
	tick      = 200 * time.Millisecond // between looks at the state
	heartbeat = 15 * time.Second       // without news, so that both sides know of each other
)

// mostReaders of streams at once.
const mostReaders = 64

var readers atomic.Int64

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
	clock := time.NewTicker(tick)
	defer clock.Stop()
	var last []byte
	sent := time.Time{}
	for {
		var event bytes.Buffer
		event.WriteString("event: state\ndata: ")
		write(&event, d.State()) // ends the line
		event.WriteByte('\n')
		switch {
		case !bytes.Equal(event.Bytes(), last):
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
		select {
		case <-clock.C:
		case <-r.Context().Done():
			return
		}
	}
}
