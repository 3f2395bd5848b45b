package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/watcher"
)

func (a *app) runCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "run [PATH...]",
		Short: "Make everything in the inbox, or of the given files and folders, then exit",
		Long: `Make every size of everything in the inbox, or of the given files and folders, and exit: 0 if all went well, 1 if some
images failed, were rejected or could not be read. What is complete already is skipped. Files given here that lie outside the inbox stay where they
are, whatever [originals] says.`,
		Args: cobra.ArbitraryArgs,
	}
	overrides := addOverrides(c.Flags())
	a.addSandbox(c.Flags())
	c.RunE = func(cmd *cobra.Command, args []string) error { return a.run(cmd.Context(), *overrides, args) }
	return c
}

func (a *app) run(ctx context.Context, o config.Overrides, args []string) error {
	c, log, err := a.begin(o)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		if err := makeFolders(c); err != nil {
			return err
		}
		for _, p := range c.All() {
			args = append(args, p.Inbox)
		}
	}
	s, err := a.newSession(c, log, false)
	if err != nil {
		return err
	}
	s.policy.Read = append(s.policy.Read, foldersOf(args)...)
	nothing := "nothing to make: no photos in " + strings.Join(args, ", ")
	return a.once(ctx, s, nothing, func(ctx context.Context) ([]pipeline.Intake, error) { return s.paths(ctx, args) })
}

// foldersOf are the folders among the paths, and those that the files among them lie in.
func foldersOf(paths []string) []string {
	var folders []string
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			path = filepath.Dir(path)
		}
		folders = append(folders, path)
	}
	return folders
}

// once runs a session to its end, with a progress bar; nothing is what is said where there was nothing to do.
func (a *app) once(ctx context.Context, s *session, nothing string, feed func(context.Context) ([]pipeline.Intake, error)) error {
	stopBar := a.progress(s)
	stopped, err := s.run(ctx, feed)
	stopBar()
	switch {
	case err != nil:
		return err
	case stopped && !s.all():
		return errors.New("stopped before everything was done: the rest stays where it is; the same command goes on with it")
	case s.totals.failed() > 0 || s.uploads != nil && s.uploads.missing > 0:
		return errFailures
	case s.totals.finished() == 0:
		s.log.Info(nothing)
	}
	return nil
}

// all reports whether everything has been found and has ended.
func (s *session) all() bool {
	for _, w := range s.watchers {
		if w.Stats().Rescans == 0 {
			return false
		}
	}
	finished, expected := s.counts()
	return finished >= expected
}

// paths makes an intake of every folder, and of the files in one folder, named on the command line.
func (s *session) paths(ctx context.Context, args []string) ([]pipeline.Intake, error) {
	var intakes []pipeline.Intake
	files := map[string][]watcher.File{} // by folder, of those named one by one
	for _, arg := range args {
		if arg == "" {
			return nil, usageError{errors.New("an argument is empty: name a file or a folder, or leave it out for the inbox")}
		}
		abs, err := filepath.Abs(arg)
		if err != nil {
			return nil, usageError{err}
		}
		info, err := os.Stat(abs)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: there is no such file or folder, or it cannot be read: %w", arg, err)}
		}
		for _, p := range s.config.All() {
			if config.Within(abs, p.Output) {
				return nil, usageError{fmt.Errorf("%s: lies in the output folder %s: name the photos it was made from", arg, p.Output)}
			}
		}
		if !info.IsDir() {
			if !info.Mode().IsRegular() { // opening a pipe would wait for who writes
				return nil, usageError{fmt.Errorf("%s: is neither a file nor a folder", arg)}
			}
			s.asked[abs] = true
			dir := filepath.Dir(abs)
			files[dir] = append(files[dir], watcher.File{Path: info.Name(), Size: info.Size(), ModTime: info.ModTime()})
			continue
		}
		root, dir := s.place(abs)
		in, err := s.folder(ctx, root, dir, true)
		if err != nil {
			return nil, err
		}
		intakes = append(intakes, in)
	}
	for folder, list := range files {
		in, err := s.list(ctx, folder, list)
		if err != nil {
			return nil, err
		}
		intakes = append(intakes, in)
	}
	return intakes, nil
}

// place is a folder as an intake's root and the slash-separated folder below it: what lies in an inbox is known, and mirrored
// in its output, by its path there; anything else by its absolute path.
func (s *session) place(folder string) (root, dir string) {
	p, found := s.config.InboxOf(folder)
	if !found {
		return folder, ""
	}
	rel, err := filepath.Rel(p.Inbox, folder)
	if err != nil || rel == "." {
		rel = ""
	}
	return p.Inbox, filepath.ToSlash(rel)
}

// list is the intake of single files in one folder.
func (s *session) list(ctx context.Context, folder string, files []watcher.File) (pipeline.Intake, error) {
	root, dir := s.place(folder)
	in, err := s.intake(root, dir)
	if err != nil {
		return in, err
	}
	s.mu.Lock()
	s.named += len(files)
	s.mu.Unlock()
	in.Files = send(ctx, slices.Values(files))
	return in, nil
}

// send gives files away one by one, until ctx ends.
func send(ctx context.Context, files iter.Seq[watcher.File]) <-chan watcher.File {
	out := make(chan watcher.File)
	go func() {
		defer close(out)
		for f := range files {
			select {
			case out <- f:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
