package sandbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// deed is something that a confined process tries.
type deed struct {
	What string // "read" "write" "remove" "link" "connect" "call" "listen" "execute" "privileges"
	On   string // a path or an address
	To   string // of a link
}

// trial is what a child of the test does: confine itself, then try one deed after the other.
type trial struct {
	Policy Policy
	Deeds  []deed
}

// TestMain makes this test binary the child, too.
func TestMain(m *testing.M) {
	if text := os.Getenv("PIXMILL_SANDBOX_TRIAL"); text != "" {
		var t trial
		if err := json.Unmarshal([]byte(text), &t); err != nil {
			panic(err)
		}
		t.run()
		return
	}
	os.Exit(m.Run())
}

// run prints what became of each deed: "done", "refused", or another error.
func (t trial) run() {
	before := make(chan deed) // for a thread that was there before
	after := make(chan error)
	go func() {
		runtime.LockOSThread()
		for d := range before {
			after <- d.try()
		}
	}()
	if err := Confine(t.Policy); err != nil {
		panic(err)
	}
	for _, d := range t.Deeds {
		before <- d
		err := errors.Join(<-after, d.try())
		switch {
		case err == nil:
			println("done")
		case errors.Is(err, fs.ErrPermission):
			println("refused")
		default:
			println(err.Error())
		}
	}
}

func (d deed) try() error {
	switch d.What {
	case "read":
		_, err := os.ReadFile(d.On)
		return err
	case "write":
		return os.WriteFile(d.On, []byte("written"), 0o600)
	case "link":
		os.Remove(d.To)
		return os.Link(d.On, d.To)
	case "remove":
		if err := os.Remove(d.On); !errors.Is(err, fs.ErrNotExist) { // the other thread was first
			return err
		}
	case "connect":
		c, err := net.Dial("tcp", d.On)
		if err == nil {
			c.Close()
		}
		return err
	case "call":
		c, err := net.Dial("unix", d.On)
		if err == nil {
			c.Close()
		}
		return err
	case "listen": // without Multipath TCP
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		port, err := strconv.Atoi(d.On)
		if err != nil {
			return err
		}
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
		return unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	case "execute":
		return exec.Command(d.On).Run()
	case "privileges":
		if set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); set != 1 {
			return errors.Join(err, errors.New("privileges can be gained"))
		}
	}
	return nil
}

// outcomes runs a trial in a child.
func outcomes(t *testing.T, policy Policy, deeds []deed) []string {
	t.Helper()
	text, err := json.Marshal(trial{policy, deeds})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), "PIXMILL_SANDBOX_TRIAL="+string(text))
	said, err := child.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	if err != nil || len(lines) != len(deeds) {
		t.Fatalf("%v: %s", err, said)
	}
	return lines
}

// needs skips a test that this kernel cannot pass.
func needs(t *testing.T, least int) {
	t.Helper()
	if v := version(); v < least {
		t.Skipf("this kernel has version %d of Landlock (0: none), the test needs %d", v, least)
	}
}

// TestConfine: what a policy does not name is refused to every thread, also to those that were there before.
func TestConfine(t *testing.T) {
	needs(t, withTCP)
	inbox, output, archive := t.TempDir(), t.TempDir(), t.TempDir()
	photo := filepath.Join(inbox, "photo.jpg")
	if err := os.WriteFile(photo, []byte("a photo"), 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	socket := filepath.Join(archive, "bus")
	bus, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer bus.Close()
	another := "done" // for older kernels
	if version() >= withSockets {
		another = "refused"
	}
	address := listener.Addr().String()
	port := uint16(listener.Addr().(*net.TCPAddr).Port)
	free := freePort(t)

	closed := Policy{Read: []string{inbox, filepath.Join(inbox, "not-there")}, Write: []string{output}}
	moving := Policy{Write: []string{inbox, output, archive}}
	open := Policy{Read: []string{inbox}, Write: []string{output}, Connect: []uint16{port}, Bind: []uint16{free}}
	for _, c := range []struct {
		name   string
		policy Policy
		deed   deed
		want   string
	}{
		{"a photo is read", closed, deed{What: "read", On: photo}, "done"},
		{"a photo is changed", closed, deed{What: "write", On: photo}, "refused"},
		{"a photo is removed", closed, deed{What: "remove", On: photo}, "refused"},
		{"another file in the inbox", closed, deed{What: "write", On: filepath.Join(inbox, "new")}, "refused"},
		{"an output is written", closed, deed{What: "write", On: filepath.Join(output, "small.jpg")}, "done"},
		{"an output is removed", closed, deed{What: "remove", On: filepath.Join(output, "small.jpg")}, "done"},
		{"the accounts are read", closed, deed{What: "read", On: "/etc/passwd"}, "refused"},
		{"another folder is written to", closed, deed{What: "write", On: filepath.Join(archive, "x")}, "refused"},
		{"it connects out", closed, deed{What: "connect", On: address}, "refused"},
		{"it calls a service", closed, deed{What: "call", On: socket}, another},
		{"it calls one that it may", Policy{Sockets: []string{socket, filepath.Join(inbox, "not-there")}}, deed{What: "call", On: socket}, "done"},
		{"it listens", closed, deed{What: "listen", On: strconv.Itoa(int(free))}, "refused"},
		{"it starts a program", closed, deed{What: "execute", On: "/bin/true"}, "refused"},
		{"privileges", closed, deed{What: "privileges"}, "done"},

		{"a photo is moved to the archive", moving, deed{What: "link", On: photo, To: filepath.Join(archive, "photo.jpg")}, "done"},
		{"and read", moving, deed{What: "read", On: photo}, "done"},

		{"it connects where it may", open, deed{What: "connect", On: address}, "done"},
		{"it listens where it may", open, deed{What: "listen", On: strconv.Itoa(int(free))}, "done"},
		{"it connects elsewhere", open, deed{What: "connect", On: "127.0.0.1:" + strconv.Itoa(int(free))}, "refused"},
		{"names are looked up", open, deed{What: "read", On: "/etc/hosts"}, "done"},
		{"the accounts are read all the same", open, deed{What: "read", On: "/etc/passwd"}, "refused"},

		{"it connects anywhere where it may", Policy{AnyNet: true}, deed{What: "connect", On: address}, "done"},
		{"and writes nowhere", Policy{AnyNet: true}, deed{What: "write", On: filepath.Join(archive, "x")}, "refused"},
	} {
		if got := outcomes(t, c.policy, []deed{c.deed})[0]; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// freePort is one of this machine that nobody listens on.
func freePort(t *testing.T) uint16 {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

func TestCovers(t *testing.T) {
	covers, err := Covers()
	if version() == 0 {
		var off *OffError
		if !errors.As(err, &off) || covers != "" || !errors.As(Confine(Policy{}), &off) {
			t.Errorf("%q, %v", covers, err)
		}
		t.Skip("this kernel has no Landlock")
	}
	if err != nil || !strings.HasPrefix(covers, "files") {
		t.Errorf("%q, %v", covers, err)
	}
}
