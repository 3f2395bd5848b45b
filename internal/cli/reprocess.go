package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/sink"
	"pixmill/sink/ledger"
	"pixmill/watcher"
)

func (a *app) reprocessCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "reprocess",
		Short: "Make outputs again that are there already",
		Long: `Make everything that the ledger knows again, from the originals in the inbox or the archive, or only one variant, or only what
was made since a day. Interrupted, the same command goes on where it was. A changed config needs no reprocess: run and watch make again
what changed.`,
		Args: noArgs,
	}
	a.addSandbox(c.Flags())
	var r remake
	workers := c.Flags().Int("workers", 0, "how many photos are worked on at once, instead of the config's; 0: the config's")
	c.Flags().StringVar(&r.Variant, "variant", "", "`NAME` of the only variant to make")
	c.Flags().StringVar(&r.Since, "since", "", "only photos that were made since `DATE`, such as 2026-01-31")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.reprocess(cmd.Context(), config.Overrides{Workers: *workers}, r)
	}
	return c
}

// remake is one reprocessing, as the ledger notes it while it is not finished. What was made after it started is done.
type remake struct {
	Variant string
	Since   string
	Started time.Time
}

// remakeNote is the key of the ledger's note.
const remakeNote = "reprocess"

// batch is how many records are read from the ledger at a time.
const batch = 256

func (a *app) reprocess(ctx context.Context, o config.Overrides, r remake) error {
	c, log, err := a.begin(o)
	if err != nil {
		return err
	}
	since, err := r.check(c)
	if err != nil {
		return usageError{err}
	}
	s, err := a.newSession(c, log, false)
	if err != nil {
		return err
	}
	if err := s.begin(&r); err != nil {
		return errors.Join(err, s.sink.Close())
	}
	l, err := ledger.Read(sink.LedgerPath(c.State))
	if err != nil {
		return errors.Join(err, s.sink.Close())
	}
	defer l.Close()
	w := &walk{session: s, ledger: l, remake: r, since: since}
	if err := w.expect(); err != nil {
		return errors.Join(err, s.sink.Close())
	}
	w.tell()
	s.finish = func() error {
		if err := w.err.Load(); err != nil {
			return *err
		}
		return s.sink.Note(remakeNote, "")
	}
	return a.once(ctx, s, "nothing to make again: the ledger has no photo that this is about", w.intakes)
}

// check reads the flags.
func (r remake) check(c config.Config) (since time.Time, err error) {
	var all []config.Variant
	for _, p := range c.All() {
		all = append(all, p.Variants...)
	}
	if r.Variant != "" && !slices.ContainsFunc(all, func(v config.Variant) bool { return v.Name == r.Variant }) {
		return since, fmt.Errorf("--variant: there is no %q in the config, which has %s", r.Variant, summary(all))
	}
	if r.Since != "" {
		if since, err = time.ParseInLocation(time.DateOnly, r.Since, time.Local); err != nil {
			return since, fmt.Errorf("--since: %q is not a date: write one such as %s", r.Since, time.Now().Format(time.DateOnly))
		}
	}
	return since, nil
}

// begin takes up an unfinished reprocessing of the same flags, or notes a new one.
func (s *session) begin(r *remake) error {
	note, err := s.sink.Text(remakeNote)
	if err != nil {
		return err
	}
	var before remake
	if note != "" && json.Unmarshal([]byte(note), &before) == nil && before.Variant == r.Variant && before.Since == r.Since {
		r.Started = before.Started
		s.log.Info("going on with the reprocessing that began on " + r.Started.Local().Format("2006-01-02 at 15:04"))
		return nil
	}
	r.Started = time.Now().UTC()
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return s.sink.Note(remakeNote, string(text))
}

// walk goes through the ledger: for the originals in the inbox, and then for those in the archive.
type walk struct {
	*session
	remake
	ledger *ledger.Ledger
	since  time.Time

	gone, outside int // originals that are nowhere, and those that never were in the inbox
	err           atomic.Pointer[error]
}

func (w *walk) intakes(ctx context.Context) (all []pipeline.Intake, err error) {
	for _, p := range w.config.All() {
		some, err := w.intakesOf(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (w *walk) intakesOf(ctx context.Context, p config.Pipeline) ([]pipeline.Intake, error) {
	inbox, err := w.session.intake(p.Inbox, "")
	if err != nil {
		return nil, err
	}
	inbox.Again, inbox.Files = w.due, send(ctx, w.files(p.Name, w.inInbox))
	if _, err := os.Stat(p.Originals.Archive); err != nil {
		return []pipeline.Intake{inbox}, nil
	}
	archive, err := w.session.intake(p.Originals.Archive, "")
	if err != nil {
		return nil, err
	}
	var names sync.Map // path in the archive → in the inbox
	archive.Name, archive.Inbox, archive.Prefix, archive.Archive, archive.Again = p.Name, false, "", true, w.due
	archive.As = func(name string) string {
		if as, ok := names.Load(name); ok {
			return as.(string)
		}
		return name
	}
	archive.Files = send(ctx, w.files(p.Name, func(src ledger.Source) (watcher.File, bool) {
		if _, here := w.inInbox(src); here {
			return watcher.File{}, false
		}
		name, there := w.sink.Archived(w.original(src))
		names.Store(name, w.original(src).Path)
		return watcher.File{Path: name, Size: src.Size, ModTime: src.ModTime}, there
	}))
	return []pipeline.Intake{inbox, archive}, nil
}

// inInbox finds an original in the inbox; one that changed there is run's business.
func (w *walk) inInbox(src ledger.Source) (watcher.File, bool) {
	info, err := os.Lstat(w.absolute(src.Name))
	there := err == nil && info.Mode().IsRegular() && info.Size() == src.Size && info.ModTime().Equal(src.ModTime)
	return watcher.File{Path: w.original(src).Path, Size: src.Size, ModTime: src.ModTime}, there
}

// files are the originals that find finds, of a pipeline's records with something to be made again.
func (w *walk) files(of string, find func(ledger.Source) (watcher.File, bool)) iter.Seq[watcher.File] {
	return func(yield func(watcher.File) bool) {
		for last := int64(0); ; {
			sources, err := w.ledger.After(last, batch)
			if err != nil {
				w.err.Store(&err)
				return
			}
			if len(sources) == 0 {
				return
			}
			for _, src := range sources {
				last = src.ID
				if p, _ := w.config.Locate(src.Name); p.Name != of || !w.wanted(src) {
					continue
				}
				if f, found := find(src); found && !yield(f) {
					return
				}
			}
		}
	}
}

// wanted reports whether something of a source is to be made again.
func (w *walk) wanted(src ledger.Source) bool {
	if src.Time.Before(w.since) || filepath.IsAbs(filepath.FromSlash(src.Name)) {
		return false
	}
	return slices.ContainsFunc(src.Outputs, func(o ledger.Output) bool {
		return w.due(sink.Output{Variant: o.Variant, Made: o.Time})
	})
}

// due reports whether an output that stands is to be made again, and was not yet.
func (w *walk) due(o sink.Output) bool {
	return (w.Variant == "" || o.Variant == w.Variant) && o.Made.Before(w.Started)
}

// expect counts what is to be done, for the progress bar, and what can't be.
func (w *walk) expect() error {
	for last := int64(0); ; {
		sources, err := w.ledger.After(last, batch)
		if err != nil || len(sources) == 0 {
			return err
		}
		for _, src := range sources {
			last = src.ID
			switch _, here := w.inInbox(src); {
			case !src.Time.Before(w.since) && filepath.IsAbs(filepath.FromSlash(src.Name)):
				w.outside++
			case !w.wanted(src):
			case here:
				w.named++
			default:
				if _, there := w.sink.Archived(w.original(src)); there {
					w.named++
				} else {
					w.gone++
				}
			}
		}
	}
}

// tell says what is left out.
func (w *walk) tell() {
	if w.gone > 0 {
		w.log.Warn(english.Plural(w.gone, "original is", "originals are") + " neither in the inbox nor in the archive: left out")
	}
	if w.outside > 0 {
		w.log.Warn(english.Plural(w.outside, "photo", "") + " from outside the inbox: left out: `pixmill run PATH` makes what is missing of them")
	}
}
