//go:build unix

package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// launching is a launcher whose other side runs in this process: its orders are scripts, its setup a folder to run them in.
func launching(t *testing.T) (l *Launcher, dir string, served chan error) {
	t.Helper()
	dir = t.TempDir()
	fromUs, orders := io.Pipe()
	replies, toUs := io.Pipe()
	served = make(chan error, 1)
	go func() {
		err := Launch(fromUs, toUs, func(setup json.RawMessage) (func(json.RawMessage) (Command, error), error) {
			var folder string
			err := json.Unmarshal(setup, &folder)
			return func(about json.RawMessage) (Command, error) {
				var script string
				if err := json.Unmarshal(about, &script); err != nil {
					return Command{}, errors.New("not a script")
				}
				c := sh(script)
				c.Dir = folder
				return c, nil
			}, err
		})
		toUs.Close()
		served <- err
	}()
	l, err := newLauncher(dir, orders, replies)
	if err != nil {
		t.Fatal(err)
	}
	return l, dir, served
}

func TestLauncher(t *testing.T) {
	l, dir, served := launching(t)
	ctx, cancel := context.WithCancel(t.Context())
	hung := make(chan error)
	go func() { hung <- l.Run(ctx, "touch begun; sleep 600") }()
	if err := l.Run(t.Context(), "echo made >out"); err != nil { // beside one that hangs
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "out")); string(text) != "made\n" {
		t.Errorf("%q, %v", text, err)
	}
	if err := l.Run(t.Context(), "echo why >&2; exit 3"); err == nil || err.Error() != "sh: exit code 3: why" {
		t.Errorf("got %v", err)
	}
	if err := l.Run(t.Context(), 7); err == nil || err.Error() != "not a script" {
		t.Errorf("got %v", err)
	}
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "begun")); err == nil {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("it does not begin")
		}
	}
	cancel()
	if err := <-hung; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(l.Close(), <-served); err != nil {
		t.Error(err)
	}
	if err := l.Run(t.Context(), "true"); !errors.Is(err, errLauncher) {
		t.Errorf("got %v", err)
	}
}

// TestLauncherOutlivesOrders: what runs when nobody orders any more is run to its end.
func TestLauncherOutlivesOrders(t *testing.T) {
	l, dir, served := launching(t)
	ended := make(chan error)
	go func() {
		ended <- l.Run(t.Context(), "touch begun; while [ ! -e go ]; do sleep 0.01; done; echo made >out")
	}()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "begun")); err == nil {
			break
		}
	}
	l.orders.Close()
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(<-ended, <-served); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "out")); string(text) != "made\n" {
		t.Errorf("%q, %v", text, err)
	}
}
