//go:build unix && !darwin

package background

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// manager is a file manager as desktops have one.
type manager struct{ shown chan []string }

func (m manager) ShowItems(uris []string, _ string) *dbus.Error {
	m.shown <- uris
	return nil
}

// desktop starts a session bus with nobody on it.
func desktop(t *testing.T) *dbus.Conn {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("no D-Bus here: install dbus")
	}
	bus := exec.Command(daemon, "--session", "--nofork", "--print-address")
	out, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Process.Kill(); bus.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Skip("D-Bus does not start here:", err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", strings.TrimSpace(address))
	conn, err := dbus.Connect(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestReveal(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	bus := desktop(t)
	if CanReveal(ctx) || Reveal(ctx, "/photos/a.jpg") == nil {
		t.Error("a file is shown, and nobody shows files")
	}
	m := manager{make(chan []string, 10)}
	if err := bus.Export(m, "/org/freedesktop/FileManager1", fileManager); err != nil {
		t.Fatal(err)
	}
	if _, err := bus.RequestName(fileManager, dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if !CanReveal(ctx) {
		t.Error("the file manager is not seen")
	}
	if err := Reveal(ctx, "/photos/Ä 100% #1.jpg"); err != nil {
		t.Fatal(err)
	}
	if got := <-m.shown; len(got) != 1 || got[0] != "file:///photos/%C3%84%20100%25%20%231.jpg" {
		t.Errorf("shown: %q", got)
	}
}

func TestRevealByFolder(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\nprintf %s \"$1\" >"+asked+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "nobody"))
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if CanReveal(t.Context()) {
		t.Error("a file is shown without a screen")
	}
	t.Setenv("DISPLAY", ":0")
	if !CanReveal(t.Context()) {
		t.Error("xdg-open is not seen")
	}
	if err := Reveal(t.Context(), "/photos/a b/c.jpg"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(asked); err != nil || string(got) != "/photos/a b" {
		t.Errorf("%q %v", got, err)
	}
}

func TestDesktopThatDoesNotAnswerIsNone(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "bus")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip("no unix sockets here:", err)
	}
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if CanReveal(ctx) {
		t.Error("nobody answered, and is taken for a desktop")
	}
}
