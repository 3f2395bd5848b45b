package background

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"
)

func supply(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return m
}

func TestDischarging(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"none":                 {nil, false},
		"desktop":              {map[string]string{"AC/type": "Mains", "AC/online": "1"}, false},
		"laptop, plugged in":   {map[string]string{"AC/type": "Mains", "AC/online": "1", "BAT0/type": "Battery", "BAT0/status": "Charging"}, false},
		"laptop, on battery":   {map[string]string{"AC/type": "Mains", "AC/online": "0", "BAT0/type": "Battery", "BAT0/status": "Discharging"}, true},
		"two, one is drained":  {map[string]string{"BAT0/type": "Battery", "BAT0/status": "Not charging", "BAT1/type": "Battery", "BAT1/status": "Discharging"}, true},
		"powered through USB":  {map[string]string{"ucsi/type": "USB", "ucsi/online": "1", "BAT0/type": "Battery", "BAT0/status": "Discharging"}, false},
		"a mouse's":            {map[string]string{"hid/type": "Battery", "hid/scope": "Device", "hid/status": "Discharging"}, false},
		"one that says little": {map[string]string{"BAT0/type": "Battery"}, false},
	} {
		if got := discharging(supply(tt.files)); got != tt.want {
			t.Errorf("%s: on battery is %t", name, got)
		}
	}
}

// What systemd's manager is told: ready, then a heartbeat as long as there are answers, then that it stops.
func TestReady(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Skip("no unix sockets here:", err)
	}
	defer conn.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "20000")
	told := func() string {
		conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 256)
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	stuck, release := make(chan struct{}), make(chan struct{})
	answers := 0
	Ready(ctx, func() {
		if answers++; answers == 3 {
			close(stuck)
			<-release
		}
	})
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := told(); got != want {
			t.Fatalf("told %q, want %q", got, want)
		}
	}
	<-stuck
	conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 256)); err == nil {
		t.Errorf("a heartbeat of %d bytes although nothing answers", n)
	}
	cancel()
	close(release)
	last := told()
	for last == "WATCHDOG=1" {
		last = told()
	}
	if last != "STOPPING=1" {
		t.Errorf("told %q at the end", last)
	}
}
