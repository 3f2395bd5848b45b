package watcher_test

import (
	"os"
	"testing"

	"golang.org/x/sys/windows"

	"pixmill/watcher"
)

// A program that writes and shares the file with nobody is waited for without a word, and not until the next rescan: even to ask such a
// file what it is, os.Root opens it.
func TestWriterThatDoesNotShare(t *testing.T) {
	both(t, func(b *inbox, o watcher.Options) {
		b.start(o)
		name, err := windows.UTF16PtrFromString(b.path("slow.jpg"))
		b.must(err)
		h, err := windows.CreateFile(name, windows.GENERIC_WRITE, 0, nil, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
		b.must(err)
		f := os.NewFile(uintptr(h), "slow.jpg")
		_, err = f.Write(jpeg(1000))
		b.must(err)
		b.write(b.path("other.jpg"), jpeg(100))
		b.want("other.jpg")
		b.must(f.Close())
		b.want("other.jpg", "slow.jpg")
		if n := b.warned("slow.jpg"); n != 0 {
			b.Errorf("warned %d times: %q", n, b.warns)
		}
	})
}
