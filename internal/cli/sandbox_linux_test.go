package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/internal/sandbox"
	"pixmill/sink"
)

// TestMain makes this test binary the child of TestSandboxOfARun, too: the sandbox cannot be left again.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PIXMILL_CONFINED_RUN"); dir != "" {
		if err := confinedRun(dir, os.Getenv("PIXMILL_ADDRESS")); err != nil {
			fmt.Println(err)
		}
		return
	}
	os.Exit(m.Run())
}

// confinedRun makes a photo as `pixmill run` does, and, while the pipeline has it in its hands, tries what a decoder that somebody has taken over would.
func confinedRun(dir, address string) error {
	c, err := config.Default(dir)
	if err == nil {
		err = makeFolders(c)
	}
	if err != nil {
		return err
	}
	a := &app{stdout: &redirect{w: io.Discard}, stderr: &redirect{w: os.Stdout}}
	s, err := a.newSession(c, slog.New(slog.DiscardHandler), false)
	if err != nil {
		return err
	}
	try := func(what string, err error) {
		switch {
		case err == nil:
			fmt.Println(what+":", "done")
		case errors.Is(err, fs.ErrPermission):
			fmt.Println(what+":", "refused")
		default:
			fmt.Println(what+":", err)
		}
	}
	s.heard = append(s.heard, func(r pipeline.Report) {
		try("a photo that is "+string(r.Status), nil)
		_, err := os.ReadFile("/etc/passwd")
		try("accounts", err)
		conn, err := net.DialTimeout("tcp", address, 10*time.Second)
		if err == nil {
			conn.Close()
		}
		try("connection", err)
		try("inbox", os.WriteFile(filepath.Join(c.Inbox, "photo.jpg"), nil, 0o644))
		try("beside the inbox", os.WriteFile(filepath.Join(dir, "config.toml"), nil, 0o644))
		try("a program", exec.Command("/bin/true").Run())
	})
	return a.once(context.Background(), s, "nothing", func(ctx context.Context) ([]pipeline.Intake, error) { return s.paths(ctx, []string{c.Inbox}) })
}

// TestSandboxOfARun: under the default config a decoder could neither read what is none of its business, nor change a photo, nor connect out.
func TestSandboxOfARun(t *testing.T) {
	if covers, err := sandbox.Covers(); err != nil || !strings.Contains(covers, "network") {
		t.Skipf("the kernel has no Landlock, or one without network: %s %v", covers, err)
	}
	dir := t.TempDir()
	photo, err := os.ReadFile(filepath.Join("..", "..", "testdata", "images", "tiny-1x1.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "inbox"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "inbox", "photo.jpg"), photo, 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), "PIXMILL_CONFINED_RUN="+dir, "PIXMILL_ADDRESS="+l.Addr().String())
	said, err := child.CombinedOutput()
	want := `a photo that is done: done
accounts: refused
connection: refused
inbox: refused
beside the inbox: refused
a program: refused
`
	if err != nil || string(said) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, said, want)
	}
}

// TestConfinement: the inbox may be written to where originals leave it.
func TestConfinement(t *testing.T) {
	for _, test := range []struct{ done, failed, write string }{
		{"keep", "keep", "state output"},
		{"archive", "keep", "state output archive inbox"},
		{"delete", "keep", "state output inbox"},
		{"keep", "quarantine", "state output quarantine inbox"},
	} {
		c := config.Config{Inbox: "inbox", Output: "output", State: "state"}
		c.Originals = config.Originals{Done: test.done, Failed: test.failed, Archive: string(sink.Archive), Quarantine: string(sink.Quarantine)}
		p := confinement(c)
		if got := strings.Join(p.Write, " "); got != test.write {
			t.Errorf("done = %s, failed = %s: writes %s, want %s", test.done, test.failed, got, test.write)
		}
		if p.AnyNet || len(p.Bind)+len(p.Connect) > 0 {
			t.Errorf("done = %s, failed = %s: %+v", test.done, test.failed, p)
		}
	}
}
