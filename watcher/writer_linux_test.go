package watcher

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAskKernel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if got := askKernel(in); got != writing {
		t.Errorf("with a writer: %v", got)
	}
	out.Close()
	for range 3 {
		if got := askKernel(in); got != nobody {
			t.Errorf("without one: %v", got)
		}
	}
	// The lease is gone: nobody who writes has to wait for it.
	out, err = os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Error(err)
	}
	out.Close()
	in.Close()
	if got := askKernel(in); got != unsaid {
		t.Errorf("closed: %v", got)
	}
}

// A file of another user: leases are not to be had. The test runs itself again as nobody.
func TestAskKernelOfAnothersFile(t *testing.T) {
	if path := os.Getenv("WATCHER_TEST_FILE"); path != "" {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got := askKernel(f); got != unsaid {
			t.Errorf("got %v", got)
		}
		return
	}
	if os.Getuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	dir, err := os.MkdirTemp("", "watcher")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	file, program := filepath.Join(dir, "a.jpg"), filepath.Join(dir, "test")
	for _, err := range []error{os.Chmod(dir, 0o755), os.WriteFile(file, []byte(photo), 0o644), os.WriteFile(program, self, 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-test.run=^TestAskKernelOfAnothersFile$", "-test.v")
	cmd.Dir = dir
	cmd.Env = []string{"WATCHER_TEST_FILE=" + file}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The kernel sends SIGIO to the holder of a lease when somebody else wants to write. Its default action would end the
// process; Go's runtime ignores it.
func TestBrokenLeaseDoesNotKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(path, []byte(photo), 0o644); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	fd := in.Fd()
	if _, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK); err != nil {
		t.Skip("no leases here: ", err)
	}
	opened := make(chan error)
	go func() {
		out, err := os.OpenFile(path, os.O_WRONLY, 0)
		out.Close()
		opened <- err
	}()
	for range 1000 { // the lease is being broken once the kernel asks for its end
		if kind, _ := unix.FcntlInt(fd, unix.F_GETLEASE, 0); kind == unix.F_UNLCK {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if kind, err := unix.FcntlInt(fd, unix.F_GETLEASE, 0); kind != unix.F_UNLCK {
		t.Errorf("nobody broke the lease, this tested nothing: %v %v", kind, err)
	}
	unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
