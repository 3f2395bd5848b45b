package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// TestWatchOnWindows tells what testscript cannot there: a watch into which programs put photos in their ways, and that Ctrl-Break ends.
func TestWatchOnWindows(t *testing.T) {
	const many, patience = 100, time.Minute
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	text := func(name string) string { b, _ := os.ReadFile(at(name)); return string(b) }
	until := func(what string, there func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !there(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited %s for %s\n%s%s", patience, what, text("out.txt"), text("err.txt"))
			}
		}
	}
	photo, err := os.ReadFile(filepath.Join("testdata", "images", "orientation-6.jpg"))
	must(err)
	program, err := os.Executable()
	must(err)
	binary, err := os.ReadFile(program)
	must(err)
	must(os.WriteFile(at("pixmill.exe"), binary, 0o755)) // by whose name TestMain knows what to be
	must(os.MkdirAll(at("inbox/sub"), 0o755))
	must(os.WriteFile(at("config.toml"), []byte("inbox = '.\\inbox'\r\nwidths = [20]\r\n[originals]\r\ndone = \"archive\"\r\n[dashboard]\r\nlisten = \"\"\r\n"), 0o644))

	windows.NewLazySystemDLL("kernel32.dll").NewProc("AllocConsole").Call() // through which Ctrl-Break goes; that there is one already is fine
	start := func(out, errs string, args ...string) *exec.Cmd {
		cmd := exec.Command(at("pixmill.exe"), args...)
		cmd.Dir, cmd.SysProcAttr = dir, &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
		stdout, err := os.Create(at(out))
		must(err)
		stderr, err := os.Create(at(errs))
		must(err)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		must(cmd.Start())
		stdout.Close()
		stderr.Close()
		return cmd
	}
	watch := start("out.txt", "err.txt", "watch")
	defer watch.Process.Kill()
	until("the start", func() bool { return strings.Contains(text("err.txt"), "Ctrl-C stops") })

	name, err := windows.UTF16PtrFromString(at("inbox/slow.jpg"))
	must(err)
	h, err := windows.CreateFile(name, windows.GENERIC_WRITE, 0, nil, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	must(err)
	slow := os.NewFile(uintptr(h), "slow.jpg")
	for i := range 10 {
		_, err := slow.Write(photo[len(photo)*i/10 : len(photo)*(i+1)/10])
		must(err)
		time.Sleep(50 * time.Millisecond)
	}
	for i := range many {
		must(os.WriteFile(at(fmt.Sprint("inbox/sub/", i, ".jpg")), append(bytes.Clone(photo), byte(i), byte(i>>8)), 0o644))
	}
	must(os.WriteFile(at("moved"), photo, 0o644))
	must(os.Rename(at("moved"), at("inbox/moved.jpg")))
	made := func() int { return strings.Count(text(".pixmill/savings.jsonl"), `"status":"done"`) }
	until("what is complete", func() bool { return made() == many+1 })
	if strings.Contains(text("out.txt"), "slow.jpg") {
		t.Error("slow.jpg was taken while it was open for writing")
	}
	must(slow.Close())
	until("slow.jpg", func() bool { return made() == many+2 })

	second := start("out2.txt", "err2.txt", "run")
	if second.Wait(); second.ProcessState.ExitCode() != 2 || !strings.Contains(text("err2.txt"), "runs already") {
		t.Errorf("a second one ends with %v: %s", second.ProcessState, text("err2.txt"))
	}
	wine := windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
	if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(watch.Process.Pid)); wine && err != nil {
		t.Log("no Ctrl-Break: wine 8 has no console without a display:", err)
		must(watch.Process.Kill())
		watch.Wait()
	} else {
		must(err)
		defer time.AfterFunc(patience, func() { watch.Process.Kill() }).Stop()
		if err := watch.Wait(); err != nil || !strings.Contains(text("err.txt"), "stopping: ") {
			t.Errorf("%v\n%s", err, text("err.txt"))
		}
	}
	if n := strings.Count(text("err.txt"), "warning"); n > 0 {
		t.Errorf("%d warnings:\n%s", n, text("err.txt"))
	}
	for name, want := range map[string]int{"inbox": 0, "archive": many + 2, "output": many + 2} {
		n := 0
		must(filepath.WalkDir(at(name), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && filepath.Ext(path) == ".jpg" {
				n++
			}
			return err
		}))
		if n != want {
			t.Errorf("%d photos in %s, want %d", n, name, want)
		}
	}
	if !strings.Contains(text(".pixmill/savings.jsonl"), `"path":"sub/1-20w.jpg"`) {
		t.Errorf("no path with slashes: %s", text(".pixmill/savings.jsonl"))
	}
}
