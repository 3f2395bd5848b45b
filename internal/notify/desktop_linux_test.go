package notify

import (
	"bufio"
	"os/exec"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// desktop is a notification server as desktops have one (Desktop Notifications Specification 1.2, org.freedesktop.Notifications.Notify).
type desktop struct{ shown chan [2]string }

func (d desktop) Notify(app string, _ uint32, _, summary, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- [2]string{app + ": " + summary, body}
	return 1, nil
}

func TestDesktop(t *testing.T) {
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
	address = strings.TrimSpace(address)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	d := desktop{make(chan [2]string, 10)}
	if err := conn.Export(d, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	if r := send(t, Desktop{}); r.Sent != 1 {
		t.Fatalf("not shown: %v", r.Refused)
	}
	got := <-d.shown
	if got[0] != "pixmill: pixmill: 1 photo done, 1 failed" || !strings.Contains(got[1], "b.jpg: damaged") {
		t.Errorf("shown: %q", got)
	}
}
