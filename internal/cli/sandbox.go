package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"pixmill/internal/config"
	"pixmill/internal/sandbox"
	"pixmill/sink"
)

// addSandbox gives a command that works the flag that does without the sandbox.
func (a *app) addSandbox(flags *pflag.FlagSet) {
	flags.BoolVar(&a.noSandbox, "no-sandbox", false, "do not confine the process to its folders (Linux)")
}

// confinement is what the config needs of the system: who adds something that reads, writes, listens or connects adds it here.
func confinement(c config.Config) sandbox.Policy {
	p := sandbox.Policy{Write: []string{c.State}}
	for _, of := range c.All() {
		confineTo(&p, of)
	}
	notifying(c.Notify, &p)
	if c.Pool.Background {
		p.Read = append(p.Read, "/sys/class/power_supply", "/sys/devices") // of the battery
	}
	if port := bucketPort(c.Upload.URL); port != 0 {
		p.Connect = append(p.Connect, port)
	}
	return p
}

// confineTo adds the folders of one pipeline.
func confineTo(p *sandbox.Policy, of config.Pipeline) {
	p.Read = append(p.Read, of.Originals.Archive, of.Originals.Quarantine)
	p.Write = append(p.Write, of.Output)
	if file := of.ManifestFile(); file != "" && !config.Within(file, of.Output) {
		p.Write = append(p.Write, filepath.Dir(file))
	}
	if of.Originals.Done == string(sink.Archive) {
		p.Write = append(p.Write, of.Originals.Archive)
	}
	if of.Originals.Failed == string(sink.Quarantine) {
		p.Write = append(p.Write, of.Originals.Quarantine)
	}
	if of.Originals.Done == string(sink.Keep) && of.Originals.Failed == string(sink.Keep) {
		p.Read = append(p.Read, of.Inbox)
	} else {
		p.Write = append(p.Write, of.Inbox)
	}
}

// configReads is what reading the config file again takes: its folder, since editors replace files. Of a home folder, just the file.
func configReads(file string) []string {
	var reads []string
	real, _ := filepath.EvalSymlinks(file)
	for _, path := range []string{file, real} {
		abs, err := filepath.Abs(path)
		if path == "" || err != nil {
			continue
		}
		folder := filepath.Dir(abs)
		if home, err := os.UserHomeDir(); err == nil && folder == home || folder == filepath.Dir(folder) {
			folder = abs
		}
		reads = append(reads, folder)
	}
	return reads
}

// confine makes the sandbox of a session that is about to work. The programs of hooks, and file managers, are started from outside of it.
func (s *session) confine() (err error) {
	if _, none := sandbox.Covers(); none == nil && !s.unconfined && (s.hooks != nil || s.setup.Shown != nil) {
		if err := s.launch(); err != nil && s.hooks != nil {
			return err
		}
	}
	s.confined, err = confine(s.policy, s.unconfined, s.log)
	return err
}

// confine makes a sandbox, unless it is not wanted. Where there is none it says so.
func confine(policy sandbox.Policy, unwanted bool, log *slog.Logger) (confined bool, err error) {
	if unwanted {
		log.Warn("the sandbox is off: --no-sandbox")
		return false, nil
	}
	for _, folder := range policy.Write {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return false, usageError{err}
		}
	}
	_ = time.Now().Local().String() // reads the time zone, which lies in none of these folders
	err = sandbox.Confine(policy)
	var off *sandbox.OffError
	switch {
	case errors.As(err, &off) && runtime.GOOS == "linux":
		log.Info("the sandbox is off: " + off.Reason)
	case errors.As(err, &off):
		log.Debug("no sandbox: " + off.Reason)
	case err != nil:
		return false, usageError{fmt.Errorf("%w: --no-sandbox does without", err)}
	}
	return err == nil, nil
}

// guard returns when ctx ends, or, with an error, when a folder is not the one any more that the sandbox knows, so that everything would fail
// from then on. An inbox that is gone may come back; other folders would have to be made, which the sandbox refuses.
func (s *session) guard(ctx context.Context) error {
	var folders []string
	for _, p := range s.config.All() {
		folders = append(folders, p.Inbox)
	}
	folders = append(folders, s.policy.Write...)
	were := make([]fs.FileInfo, len(folders))
	for i, folder := range folders {
		were[i], _ = os.Stat(folder)
	}
	look := time.NewTicker(guardInterval)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		for i, folder := range folders {
			if were[i] != nil && s.lost(folder, were[i]) {
				return fmt.Errorf("%s: was removed or replaced, and the sandbox knows only the folder that was there: start pixmill again, or with --no-sandbox", folder)
			}
		}
	}
}

const guardInterval = 2 * time.Second

func (s *session) lost(folder string, was fs.FileInfo) bool {
	is, err := os.Stat(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return !slices.ContainsFunc(s.config.All(), func(p config.Pipeline) bool { return p.Inbox == folder })
	}
	if err != nil {
		return false
	}
	f, err := os.Open(folder) // what was unmounted and mounted again may look the same, and is not
	if err != nil {
		return errors.Is(err, fs.ErrPermission)
	}
	f.Close()
	// One that is there instead may be read because of the folder above it, but not written.
	return !os.SameFile(is, was) && slices.Contains(s.policy.Write, folder)
}
