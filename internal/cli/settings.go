package cli

import (
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"

	"github.com/spf13/pflag"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
	"pixmill/watcher"
)

// addOverrides gives a command the flags that stand above the config file.
func addOverrides(flags *pflag.FlagSet) *config.Overrides {
	o := new(config.Overrides)
	flags.StringVar(&o.Inbox, "inbox", "", "`DIR` to take photos from, instead of the config's")
	flags.StringVar(&o.Output, "output", "", "`DIR` to write to, instead of the config's")
	flags.IntVar(&o.Workers, "workers", 0, "how many photos are worked on at once, instead of the config's; 0: the config's")
	return o
}

// begin is how commands do: with a log and a config.
func (a *app) begin(o config.Overrides) (c config.Config, log *slog.Logger, err error) {
	if log, err = a.logger(); err == nil {
		c, err = a.load(o, log)
	}
	return c, log, err
}

// load reads the config; where the default file is not there, the defaults hold for this folder.
func (a *app) load(o config.Overrides, log *slog.Logger) (config.Config, error) {
	c, err := config.Load(a.configFile)
	if errors.Is(err, fs.ErrNotExist) && a.configFile == "config.toml" {
		log.Info("no config.toml in this folder: using the defaults (`pixmill init` writes them down)")
		c, err = config.Default(".")
	}
	if err == nil {
		err = c.Override(o)
	}
	if err != nil {
		return c, usageError{err}
	}
	return c, nil
}

func watcherOptions(c config.Config, log *slog.Logger) watcher.Options {
	return watcher.Options{
		Mode:      watcher.Mode(c.Watch.Mode),
		Recursive: c.Watch.Recursive,
		Settle:    c.Watch.Settle,
		GiveUp:    c.Watch.GiveUp,
		Rescan:    c.Watch.Rescan,
		Poll:      c.Watch.Poll,
		Order:     watcher.Order(c.Watch.Order),
		Ignore:    c.Watch.Ignore,
		Marker:    ".pixmill-inbox",
		Exclude:   written(c),
		Warn:      func(err error) { log.Warn(err.Error()) },
	}
}

// written are the folders that pixmill writes to: nothing in them is taken for a photo.
func written(c config.Config) []string {
	folders := []string{c.State}
	for _, p := range c.All() {
		folders = append(folders, p.Output, p.Originals.Archive, p.Originals.Quarantine)
	}
	return folders
}

func sinkOptions(c config.Config, log *slog.Logger) sink.Options {
	all := map[string]sink.Places{}
	for _, p := range c.All() {
		all[p.Name] = places(p)
	}
	own := all[""]
	delete(all, "")
	return sink.Options{
		Output:     own.Output,
		State:      c.State,
		Archive:    own.Archive,
		Quarantine: own.Quarantine,
		Done:       own.Done,
		Failed:     own.Failed,
		Others:     all,
		Manifest:   own.Manifest,
		Mirror:     own.Mirror,
		Warn:       func(err error) { log.Warn(err.Error()) },
	}
}

// places are where a pipeline's photos go, and who is told of them.
func places(p config.Pipeline) sink.Places {
	return sink.Places{
		Output:     p.Output,
		Archive:    p.Originals.Archive,
		Quarantine: p.Originals.Quarantine,
		Done:       sink.Fate(p.Originals.Done),
		Failed:     sink.Fate(p.Originals.Failed),
		Manifest:   sink.Manifest{File: p.ManifestFile(), List: p.ListForm(), Base: p.BaseURL, Sizes: p.Sizes},
		Mirror:     p.MirrorDeletes,
	}
}

func poolOptions(c config.Config) pool.Options {
	return pool.Options{
		MinWorkers:  c.Pool.MinWorkers,
		MaxWorkers:  c.Pool.Workers,
		IdleTimeout: c.Pool.IdleTimeout,
		Queue:       c.Pool.Queue,
		Budget:      budget(c),
		Retry: pool.Retry{
			MaxAttempts: c.Pool.MaxAttempts,
			Backoff:     c.Pool.Backoff,
			MaxBackoff:  c.Pool.MaxBackoff,
		},
	}
}

// budget is how many bytes of decoded pixels may be held at once.
func budget(c config.Config) int64 {
	if c.Pool.Memory > 0 {
		return c.Pool.Memory
	}
	return min(machineMemory(), debug.SetMemoryLimit(-1)) / 2 // the latter is GOMEMLIMIT
}

// machineMemory is asked for once: what tells it cannot be read from the sandbox.
var machineMemory = sync.OnceValue(availableMemory)

// keyError is a mistake in a key's value that shows only where the value is used.
type keyError struct {
	key string
	err error
}

func (e keyError) Error() string { return e.key + ": " + e.err.Error() }
func (e keyError) Unwrap() error { return e.err }

// located gives such mistakes the file and the line of their keys.
func (a *app) located(err error) error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, err := range many.Unwrap() {
			all = append(all, a.located(err))
		}
		return errors.Join(all...)
	}
	if of, ok := err.(keyError); ok {
		return fmt.Errorf("%s: %w", config.Where(a.configFile, of.key), of.err)
	}
	return err
}

// makings are the settings of the default pipeline, and of the others by their names.
func makings(c config.Config) (own pipeline.Settings, others map[string]pipeline.Settings, err error) {
	all := map[string]pipeline.Settings{}
	for _, p := range c.All() {
		if all[p.Name], err = making(p); err != nil {
			return own, nil, err
		}
	}
	own = all[""]
	delete(all, "")
	return own, all, nil
}

func making(p config.Pipeline) (s pipeline.Settings, err error) {
	s.Limits, s.About, s.Picture = limits(p.Limits), p.Manifest != "" || p.Snippet, p.Snippet
	s.Variants, err = variants(p.Variants)
	return s, err
}

func limits(l config.Limits) resize.Limits {
	return resize.Limits{
		FileSize: l.FileSize,
		Width:    l.Width,
		Height:   l.Height,
		Pixels:   l.Pixels,
		Frames:   l.Frames,
		Scans:    l.Scans,
		Time:     l.Time,
	}
}

// variants fails where a watermark's image can't be read.
func variants(list []config.Variant) ([]pipeline.Variant, error) {
	all := make([]pipeline.Variant, len(list))
	for i, v := range list {
		quality := map[string]int{}
		for _, f := range config.LossyFormats {
			quality[f] = v.Quality.For(f)
		}
		finished, err := finishing(v)
		if err != nil {
			return nil, err
		}
		all[i] = pipeline.Variant{Path: v.Path, Variant: resize.Variant{
			Name:       v.Name,
			Width:      v.Width,
			Height:     v.Height,
			Fit:        resize.Fit(v.Fit),
			Position:   v.Position,
			Enlarge:    v.Enlarge,
			Kernel:     v.Kernel,
			Formats:    v.Formats,
			Quality:    quality,
			MaxBytes:   v.MaxBytes,
			MinSavings: v.MinSavings,
			Effort:     v.Effort,
			Animation:  v.Animation,
			Metadata:   v.Metadata,
			GPS:        v.GPS,
			Color:      v.Color,
			HDR:        v.HDR,
			Colors:     v.Colors,
			Background: v.Background,
			Finish:     finished,
		}}
	}
	return all, nil
}

// finishing is nil for a variant that is left as it is.
func finishing(v config.Variant) (*resize.Finish, error) {
	f := v.Finish
	out := &resize.Finish{Blur: f.Blur, Sharpen: f.Sharpen, Border: f.Border, Corners: f.Corners}
	if f.Tone != config.Tones[0] {
		out.Tone = f.Tone
	}
	if f.Border > 0 {
		out.Color = v.Background
	}
	if w := f.Watermark; w.Image != "" || w.Text != "" {
		out.Mark = &resize.Mark{Text: w.Text, Color: w.Color, Position: w.Position, Opacity: w.Opacity, Size: w.Size, Margin: w.Margin}
		if w.Image != "" {
			var err error
			if out.Mark.Image, err = os.ReadFile(w.Image); err != nil {
				return nil, keyError{"watermark.image", fmt.Errorf("cannot be read: %w: name a PNG, JPEG or GIF, relative to the config file's folder", err)}
			}
			out.Mark.Color = color.NRGBA{}
		}
	}
	if *out == (resize.Finish{}) {
		return nil, nil
	}
	return out, nil
}

// makeFolders makes the inboxes and the outputs, so that there is somewhere to drop photos.
func makeFolders(c config.Config) error {
	for _, p := range c.All() {
		for what, dir := range map[string]string{"inbox": p.Inbox, "output": p.Output} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return usageError{fmt.Errorf("%s%s: the folder %s cannot be made: %w", titled(p), what, dir, cause(err))}
			}
		}
	}
	return nil
}
