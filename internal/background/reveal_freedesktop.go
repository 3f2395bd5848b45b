//go:build unix && !darwin

package background

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/godbus/dbus/v5"
)

// fileManager is where freedesktop's desktops have theirs (File Manager DBus Interface specification).
const fileManager = "org.freedesktop.FileManager1"

// CanReveal reports whether this user has a desktop whose file manager can be asked to show a file.
func CanReveal(ctx context.Context) bool {
	if opener() != "" {
		return true
	}
	bus, err := sessionBus(ctx)
	if err != nil {
		return false
	}
	defer bus.Close()
	for _, list := range []string{"ListNames", "ListActivatableNames"} {
		var names []string
		if bus.BusObject().CallWithContext(ctx, "org.freedesktop.DBus."+list, 0).Store(&names) == nil && slices.Contains(names, fileManager) {
			return true
		}
	}
	return false
}

// Reveal opens the file manager at a file, whose path is absolute; where there is none that selects files, at its folder.
func Reveal(ctx context.Context, file string) error {
	bus, err := sessionBus(ctx)
	if err == nil {
		defer bus.Close()
		uri := url.URL{Scheme: "file", Path: file}
		err = bus.Object(fileManager, "/org/freedesktop/FileManager1").CallWithContext(ctx, fileManager+".ShowItems", 0, []string{uri.String()}, "").Err
	}
	if open := opener(); err != nil && open != "" {
		err = exec.CommandContext(ctx, open, filepath.Dir(file)).Run()
	}
	return err
}

// opener is the program that opens folders where there is a screen; "": none.
func opener() string {
	if os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return ""
	}
	open, err := exec.LookPath("xdg-open")
	if err != nil {
		return ""
	}
	return open
}

// sessionBus connects to the bus that is there; libraries would start one.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	address := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	if address == "" {
		socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(socket); !filepath.IsAbs(socket) || err != nil {
			return nil, errors.New("there is no desktop")
		}
		address = "unix:path=" + socket
	}
	return dbus.Connect(address, dbus.WithContext(ctx))
}
