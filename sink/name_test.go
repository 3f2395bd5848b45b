package sink

import (
	"strings"
	"testing"
)

func TestPortable(t *testing.T) {
	for name, want := range map[string]string{
		"trip/a-320w.jpg": "trip/a-320w.jpg",
		"con/a.jpg":       "con_/a.jpg",
		"CON.jpg":         "CON_.jpg",
		"x/nul.tar.gz":    "x/nul_.tar.gz",
		"Aux .jpg":        "Aux _.jpg",
		"com1":            "com1_",
		"LPT9.png":        "LPT9_.png",
		"COM¹.png":        "COM¹_.png",
		"com0.png":        "com0.png",
		"com10.png":       "com10.png",
		"console.jpg":     "console.jpg",
		"a:b?c*.jpg":      "a_b_c_.jpg",
		`a"<>|\b.jpg`:     "a_____b.jpg",
		"tab\there.jpg":   "tab_here.jpg",
		"dir./file. ":     "dir_/file__",
		"...":             "___",
		"../a.jpg":        "../a.jpg",
		"./a":             "./a",
		"ünï/日本.jpg":      "ünï/日本.jpg",
	} {
		if got := portable(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if again := portable(portable(name)); again != portable(name) {
			t.Errorf("%q: once %q, twice %q", name, portable(name), again)
		}
	}
}

func FuzzPortable(f *testing.F) {
	for _, name := range []string{"a.jpg", "CON", "aux.x/prn. ", "a:b/c|d", "com1.", "..", "\x00", "nul .jpg"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for n := range strings.SplitSeq(portable(name), "/") {
			if n == "" || n == "." || n == ".." {
				continue
			}
			base, _, _ := strings.Cut(n, ".")
			if strings.ContainsAny(n, "<>:\"|?*\\\x00\n") || strings.HasSuffix(n, ".") || strings.HasSuffix(n, " ") || device(strings.TrimRight(base, " ")) {
				t.Errorf("%q became %q", name, n)
			}
		}
	})
}
