//go:build unix

package e2e

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire is what one hub reaches another one by. While it is cut, what is sent does not arrive, and nobody is told.
type wire struct {
	listener net.Listener
	target   string

	mu  sync.Mutex
	cut chan struct{} // open while it is cut; nil: it is not
}

func newWire(t *testing.T, target string) *wire {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, target: target}
	t.Cleanup(func() {
		w.set(false)
		l.Close()
	})
	go w.accept()
	return w
}

// set cuts a wire, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case cut && w.cut == nil:
		w.cut = make(chan struct{})
	case !cut && w.cut != nil:
		close(w.cut)
		w.cut = nil
	}
}

// await returns when the wire is whole.
func (w *wire) await() {
	w.mu.Lock()
	cut := w.cut
	w.mu.Unlock()
	if cut != nil {
		<-cut
	}
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			w.await()
			far, err := net.Dial("tcp", w.target)
			if err != nil {
				near.Close()
				return
			}
			go w.carry(near, far)
			w.carry(far, near)
		}()
	}
}

func (w *wire) carry(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		w.await()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil && err != io.EOF || n == 0 {
			return
		}
	}
}
