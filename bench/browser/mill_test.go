// Package browser drives the dashboard's page in a real browser: headless Chromium beside a real `pixmill watch`. bench/dashboard.sh runs it; it is a
// module of its own, so that a browser's protocol stays out of pixmill's go.mod.
package browser

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const images = "../../testdata/images"

// program is the pixmill under test, built once.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "pixmill-browser-")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "pixmill")
	build := exec.Command("go", "build", "-C", "../..", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// mill is a `pixmill watch` in a folder of its own.
type mill struct {
	t        *testing.T
	dir, url string
	process  *exec.Cmd
	log      *os.File
}

// newMill starts one; more is added to its config.
func newMill(t *testing.T, more string) *mill {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	m := &mill{t: t, dir: t.TempDir(), url: "http://" + address}
	config := fmt.Sprintf("widths = [160, 480, 960]\n[dashboard]\nlisten = %q\n%s\n", address, more)
	m.must(os.WriteFile(filepath.Join(m.dir, "config.toml"), []byte(config), 0o644))
	m.log, err = os.Create(filepath.Join(m.dir, "log.txt"))
	m.must(err)
	m.start()
	t.Cleanup(func() {
		m.stop()
		m.log.Close()
	})
	return m
}

func (m *mill) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mill) start() {
	m.t.Helper()
	m.process = exec.Command(program, "watch")
	m.process.Dir, m.process.Stdout, m.process.Stderr = m.dir, m.log, m.log
	m.must(m.process.Start())
	m.until("pixmill to answer", func() bool {
		got, err := http.Get(m.url + "/healthz")
		if err == nil {
			got.Body.Close()
		}
		return err == nil
	})
}

func (m *mill) stop() {
	m.t.Helper()
	if m.process == nil {
		return
	}
	m.must(m.process.Process.Signal(os.Interrupt))
	if err := m.process.Wait(); err != nil {
		m.t.Error("pixmill:", err)
	}
	m.process = nil
}

// until waits for something outside the page.
func (m *mill) until(what string, there func() bool) {
	m.t.Helper()
	for end := time.Now().Add(time.Minute); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			log, _ := os.ReadFile(m.log.Name())
			m.t.Fatalf("waited a minute for %s; pixmill says\n%s", what, log)
		}
	}
}

func (m *mill) logged(text string) bool {
	log, err := os.ReadFile(m.log.Name())
	m.must(err)
	return strings.Contains(string(log), text)
}

func (m *mill) path(parts ...string) string {
	return filepath.Join(append([]string{m.dir}, parts...)...)
}

func (m *mill) there(parts ...string) bool {
	_, err := os.Stat(m.path(parts...))
	return err == nil
}

// copyTo copies a test image to a name anywhere below the folder, whole at once.
func (m *mill) copyTo(image string, parts ...string) string {
	m.t.Helper()
	data, err := os.ReadFile(filepath.Join(images, image))
	m.must(err)
	to := m.path(parts...)
	m.must(os.MkdirAll(filepath.Dir(to), 0o755))
	m.must(os.WriteFile(m.path("copying"), data, 0o644))
	m.must(os.Rename(m.path("copying"), to))
	return to
}

// ask returns what the API answers.
func (m *mill) ask(path string) string {
	m.t.Helper()
	got, err := http.Get(m.url + path)
	m.must(err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	m.must(err)
	return strings.TrimSpace(string(text))
}
