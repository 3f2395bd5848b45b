//go:build unix

package watcher

import (
	"syscall"
	"testing"
)

func TestOddKindsAreLeftAlone(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, o Options) {
		if err := syscall.Mkfifo(b.path("pipe.jpg"), 0o644); err != nil {
			t.Skip("no pipes here:", err)
		}
		b.start(o)
		b.must(syscall.Mkfifo(b.path("pipe2.jpg"), 0o644))
		b.write("newline\n.jpg", jpeg)
		b.write("invalid\xff.jpg", jpeg)
		b.want("newline\n.jpg", "invalid\xff.jpg")
	})
}
