package cli

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"pixmill/internal/config"
)

// What holds in a folder has the same pointer as long as nothing changes, is looked at again after a second, and begins anew with a config.
func TestLocals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := config.Default(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		write := func(dir, text string) {
			t.Helper()
			folder := filepath.Join(c.Inbox, dir)
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if text == "" {
				err = os.Remove(filepath.Join(folder, config.LocalName))
			} else {
				err = os.WriteFile(filepath.Join(folder, config.LocalName), []byte(text), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var l locals
		l.restart(c)
		widths := func(dir string) (all []int) {
			t.Helper()
			s, err := l.of(nil, "", dir)
			if err != nil {
				return []int{-1}
			}
			if again, _ := l.of(nil, "", dir); again != s {
				t.Errorf("%s: the same has another pointer", dir)
			}
			if s != nil {
				for _, v := range s.Variants {
					all = append(all, v.Width)
				}
			}
			return all
		}
		expect := func(what, dir string, want ...int) {
			t.Helper()
			got := widths(dir)
			if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
				t.Errorf("%s: %s has %v, want %v", what, dir, got, want)
			}
		}
		write("a", "widths = [5]")
		write("a/b/c", "quality = 50")
		expect("no file", ".")
		expect("its own", "a", 5)
		expect("the one above", "a/b", 5)
		expect("both", "a/b/c", 5)
		expect("a folder that is not there", "x/y")
		before, _ := l.of(nil, "", "a")
		time.Sleep(localFresh)
		if after, _ := l.of(nil, "", "a"); after != before {
			t.Error("looked at again, the same file has another pointer")
		}
		write("a", "widths = [77]")
		expect("not looked at yet", "a", 5)
		time.Sleep(localFresh)
		expect("changed", "a", 77)
		expect("changed above", "a/b/c", 77)
		write("a", "widths = 7")
		time.Sleep(localFresh)
		expect("a mistake", "a", -1)
		expect("a mistake above", "a/b/c", -1)
		expect("elsewhere", ".")
		write("a", "")
		time.Sleep(localFresh)
		expect("gone", "a")
		expect("gone above", "a/b/c", 320, 640, 960, 1280, 1920)
		if s, err := l.of(nil, "no such pipeline", "a"); s != nil || err != nil {
			t.Errorf("%v, %v", s, err)
		}
	})
}
