package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/sink"
	"pixmill/sink/ledger"
	"pixmill/watcher"
)

func (a *app) retryCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "retry [PATH...]",
		Short: "Try photos again that were rejected or failed",
		Long: `Try all photos again that were rejected or failed, or those of the given files and folders, as 'pixmill status' names them or by
their paths; what lies in quarantine goes back to the inbox first. What is rejected is otherwise not looked at again until the photo, the limits or the recipe change.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.retry(cmd.Context(), args) },
	}
	a.addSandbox(c.Flags())
	return c
}

func (a *app) retry(ctx context.Context, args []string) error {
	c, log, err := a.begin(config.Overrides{})
	if err != nil {
		return err
	}
	s, err := a.newSession(c, log, false)
	if err != nil {
		return err
	}
	failed, err := s.failed(args)
	if err != nil {
		return errors.Join(err, s.sink.Close())
	}
	if len(failed) == 0 {
		log.Info("nothing to try again")
		return s.sink.Close()
	}
	for _, p := range c.All() {
		s.policy.Write = append(s.policy.Write, p.Inbox) // what lies in quarantine goes back there
		if _, err := os.Stat(p.Originals.Quarantine); err == nil {
			s.policy.Write = append(s.policy.Write, p.Originals.Quarantine)
		}
	}
	for _, f := range failed {
		s.policy.Read = append(s.policy.Read, filepath.Dir(s.absolute(f.Name)))
	}
	return a.once(ctx, s, "nothing to try again", func(ctx context.Context) ([]pipeline.Intake, error) { return s.again(ctx, failed) })
}

// failed are the failures of the ledger that lie at or below one of the paths; all, if there is none.
func (s *session) failed(paths []string) ([]ledger.Source, error) {
	l, err := ledger.Read(sink.LedgerPath(s.config.State))
	if err != nil {
		return nil, err
	}
	defer l.Close()
	failed, err := l.Failed()
	failed = slices.DeleteFunc(failed, func(f ledger.Source) bool { return s.absent(f.Name) })
	if err != nil || len(paths) == 0 {
		return failed, err
	}
	for _, path := range paths {
		if path == "" {
			return nil, usageError{errors.New("an argument is empty: name a file or a folder, or leave it out for all")}
		}
	}
	failed = slices.DeleteFunc(failed, func(f ledger.Source) bool {
		return !slices.ContainsFunc(paths, func(path string) bool { return s.means(path, f) })
	})
	if len(failed) == 0 {
		return nil, usageError{errors.New("none of these was rejected or failed: `pixmill status` lists those that were")}
	}
	return failed, nil
}

// absent reports whether a source is of a pipeline that is not in the config any more: nobody knows where it would lie.
func (s *session) absent(name string) bool {
	p, _ := s.config.Locate(name)
	return p.Absent()
}

// means reports whether a path on the command line is that of a failure or of a folder above it: where the photo lies or lay, where it lies in
// quarantine, or as the log names it.
func (s *session) means(path string, f ledger.Source) bool {
	if named := filepath.ToSlash(filepath.Clean(path)); f.Name == named || strings.HasPrefix(f.Name, named+"/") {
		return true
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	p, at := s.config.Locate(f.Name)
	quarantined := filepath.Join(p.Originals.Quarantine, filepath.FromSlash(at))
	return config.Within(s.absolute(f.Name), abs) || config.Within(quarantined, abs)
}

// absolute is a source's path.
func (s *session) absolute(name string) string { return absolute(s.config, name) }

// absolute is a source's path: by its name in its pipeline's inbox, or outside all of them.
func absolute(c config.Config, name string) string {
	if path := filepath.FromSlash(name); filepath.IsAbs(path) {
		return path
	}
	p, path := c.Locate(name)
	return filepath.Join(p.Inbox, filepath.FromSlash(path))
}

// original is what the sink has to know of an original to find it.
func (s *session) original(f ledger.Source) sink.Source {
	p, path := s.config.Locate(f.Name)
	return sink.Source{Path: path, Pipeline: p.Name, Size: f.Size, ModTime: f.ModTime}
}

// again is the intake of failures, by folder; those in quarantine go back to the inbox first.
func (s *session) again(ctx context.Context, failed []ledger.Source) ([]pipeline.Intake, error) {
	files := map[string][]watcher.File{}
	gone := 0
	for _, f := range failed {
		abs := s.absolute(f.Name)
		if err := s.restore(f); err != nil {
			s.log.Warn(fmt.Sprintf("%s: cannot be taken back from quarantine: %v", f.Name, err))
		}
		info, err := os.Stat(abs)
		if err != nil {
			gone++
			if errors.Is(err, fs.ErrNotExist) {
				if err := s.sink.Forget(f.Name); err != nil {
					return nil, err
				}
			}
			continue
		}
		dir := filepath.Dir(abs)
		files[dir] = append(files[dir], watcher.File{Path: filepath.Base(abs), Size: info.Size(), ModTime: info.ModTime()})
	}
	if gone > 0 {
		s.log.Warn(english.Plural(gone, "original is", "originals are") + " gone: moved, deleted or unreadable")
	}
	var intakes []pipeline.Intake
	for dir, list := range files {
		in, err := s.list(ctx, dir, list)
		if err != nil {
			return nil, err
		}
		in.Retry = true
		intakes = append(intakes, in)
	}
	return intakes, nil
}

// restore takes a failure of the inbox back from quarantine, if it is there.
func (s *session) restore(f ledger.Source) error {
	if filepath.IsAbs(filepath.FromSlash(f.Name)) {
		return nil
	}
	src := s.original(f)
	p, _ := s.config.Locate(f.Name)
	var err error
	if src.Root, err = os.OpenRoot(p.Inbox); err != nil {
		return err
	}
	defer src.Root.Close()
	if _, err := src.Root.Lstat(src.Path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := src.Root.MkdirAll(path.Dir(src.Path), 0o755); err != nil {
		return err
	}
	_, err = s.sink.Restore(src)
	return err
}
