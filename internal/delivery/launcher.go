package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// Launcher has commands run by another process, that was started before this one gave up the right to. It is told once what commands there
// are, and then only which one is wanted and what about: whoever takes over this process later can ask for nothing else.
//
//	Run(order) ─► orders, as JSON ─► Launch: order → Command, run ─► replies ─► Run returns
type Launcher struct {
	process *exec.Cmd // nil in tests
	orders  io.WriteCloser
	ended   chan struct{} // closed when nothing more is heard of it

	mu      sync.Mutex
	encoder *json.Encoder
	waiting map[int]chan string // by order
	last    int
}

// order asks for a command, or cancels it.
type order struct {
	ID     int
	Cancel bool            `json:",omitempty"`
	About  json.RawMessage `json:",omitempty"`
}

// reply tells that a command has ended; Error is "" when it was successful.
type reply struct {
	ID    int
	Error string
}

// StartLauncher starts a program that calls Launch with its stdin and stdout. setup is what that is told first.
func StartLauncher(setup any, path string, args ...string) (*Launcher, error) {
	cmd := exec.CommandContext(context.Background(), path)
	cmd.Args = args
	cmd.Stderr = os.Stderr
	group(cmd)
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	replies, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l, err := newLauncher(setup, orders, replies)
	l.process = cmd
	return l, err
}

func newLauncher(setup any, orders io.WriteCloser, replies io.Reader) (*Launcher, error) {
	l := &Launcher{orders: orders, encoder: json.NewEncoder(orders), ended: make(chan struct{}), waiting: map[int]chan string{}}
	go l.listen(replies)
	return l, l.encoder.Encode(setup)
}

func (l *Launcher) listen(replies io.Reader) {
	defer close(l.ended)
	for from := json.NewDecoder(replies); ; {
		var r reply
		if from.Decode(&r) != nil {
			return
		}
		l.mu.Lock()
		heard, there := l.waiting[r.ID]
		delete(l.waiting, r.ID)
		l.mu.Unlock()
		if there {
			heard <- r.Error
		}
	}
}

// send gives an order its number, unless it has one.
func (l *Launcher) send(o *order) (heard chan string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.ID == 0 {
		l.last++
		o.ID, heard = l.last, make(chan string, 1)
		l.waiting[o.ID] = heard
	}
	return heard, l.encoder.Encode(o)
}

var errLauncher = errors.New("the process that runs commands has ended: start pixmill again")

// Run has a command run and waits for its end; when ctx ends, the command is ended, and the error is ctx's.
func (l *Launcher) Run(ctx context.Context, about any) error {
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	o := order{About: text}
	heard, err := l.send(&o)
	if err != nil {
		return errLauncher
	}
	select {
	case message := <-heard:
		return said(message)
	case <-l.ended:
		return errLauncher
	case <-ctx.Done():
	}
	if _, err := l.send(&order{ID: o.ID, Cancel: true}); err == nil {
		select {
		case <-heard:
		case <-l.ended:
		}
	}
	return ctx.Err()
}

func said(message string) error {
	if message == "" {
		return nil
	}
	return errors.New(message)
}

// Close lets the other process end when its commands have.
func (l *Launcher) Close() error {
	err := l.orders.Close()
	<-l.ended
	if l.process != nil {
		err = errors.Join(err, l.process.Wait())
	}
	return err
}

// Launch is the other side: it runs what is ordered until there are no more orders, and all have ended. prepare is given the setup, and returns what
// makes a command of an order.
func Launch(orders io.Reader, replies io.Writer, prepare func(setup json.RawMessage) (func(about json.RawMessage) (Command, error), error)) error {
	from := json.NewDecoder(orders)
	var setup json.RawMessage
	if err := from.Decode(&setup); err != nil {
		return fmt.Errorf("there is no setup: %w", err)
	}
	command, err := prepare(setup)
	if err != nil {
		return err
	}
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		to      = json.NewEncoder(replies)
		cancels = map[int]context.CancelFunc{}
	)
	defer running.Wait()
	for {
		var o order
		switch err := from.Decode(&o); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		mu.Lock()
		if cancel, there := cancels[o.ID]; o.Cancel {
			if there {
				cancel()
			}
			mu.Unlock()
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancels[o.ID] = cancel
		mu.Unlock()
		running.Go(func() {
			defer cancel()
			c, err := command(o.About)
			if err == nil {
				err = c.Run(ctx)
			}
			r := reply{ID: o.ID}
			if err != nil {
				r.Error = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			delete(cancels, o.ID)
			_ = to.Encode(r) // with nobody left to hear it, the command has ended all the same
		})
	}
}
