package main

import (
	"io"
	"net"
	"net/url"
	"sync/atomic"
)

// wire is a way to the hub on which bytes are counted.
type wire struct {
	url      string // as the hub's own
	to, from atomic.Int64
}

// newWire leads to the hub of a URL, for as long as this program runs.
func newWire(hub string) *wire {
	u, err := url.Parse(hub)
	check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	target := u.Host
	u.Host = l.Addr().String()
	w := &wire{url: u.String()}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil { // the hub has ended
				near.Close()
				continue
			}
			go carry(far, near, &w.to)
			go carry(near, far, &w.from)
		}
	}()
	return w
}

// carry copies until one of both ends.
func carry(to, from net.Conn, n *atomic.Int64) {
	defer to.Close()
	defer from.Close()
	io.CopyBuffer(counter{to, n}, struct{ io.Reader }{from}, make([]byte, 256<<10))
}

type counter struct {
	io.Writer
	n *atomic.Int64
}

func (c counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(int64(n))
	return n, err
}
