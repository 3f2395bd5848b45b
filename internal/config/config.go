// Package config turns config.toml into typed values: defaults filled in, paths made absolute, every key checked.
//
// Load reads the file once and reports all its mistakes together, each with its line, its key, what was wrong and what to
// write instead. It imports nothing else of pixmill's; package cli hands its values to each room's Options.
package config

import (
	_ "embed"
	"errors"
	"fmt"
	"image/color"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Template is the commented config.toml that `pixmill init` writes; its values are the defaults.
//
//go:embed template.toml
var Template string

// Config is the whole of config.toml. Paths are absolute.
type Config struct {
	Inbox, Output, State string

	Site
	Variants  []Variant // the widths shorthand first, then each [[variant]]
	Watch     Watch
	Pool      Pool
	Limits    Limits
	Originals Originals
	Hooks     Hooks
	Notify    Notify
	Cluster   Cluster
	Hub       Hub
	Upload    Upload
	Dashboard Dashboard
	Pipelines []Pipeline // besides the default one, whose the fields above are

	common Variant  // the default pipeline's
	absent []string // see SetAbsent
}

// AutoQuality is `quality = "auto"`.
const AutoQuality = -1

// Quality is 1 to 100 on each encoder's own scale, for lossy formats, or AutoQuality.
type Quality struct {
	All      int
	ByFormat map[string]int // overrides All
}

// For returns the quality of one format.
func (q Quality) For(format string) int {
	if n, ok := q.ByFormat[format]; ok {
		return n
	}
	return q.All
}

// Variant is one size of every photo, in one or several formats.
type Variant struct {
	Name          string
	Width, Height int // pixels; 0: from the other side
	Fit, Position string
	Enlarge       bool
	Kernel        string
	Formats       []string
	Quality       Quality
	MaxBytes      int64   // of an output of a lossy format; 0: any number
	MinSavings    float64 // share of its source's bytes, 0 to 1, that an output of its format and size has to save
	Effort        string
	Animation     string
	Metadata      string
	GPS           bool // positions, too, where all metadata are kept
	Color, HDR    string
	Colors        int // of PNG and GIF, at most; 0: as many as they can hold
	Background    color.NRGBA
	Finish
	Path string // template of the output's path below Output
}

// Watch says how the inbox is watched.
type Watch struct {
	Mode                         string
	Recursive                    bool
	Settle, GiveUp, Rescan, Poll time.Duration
	Order                        string
	Ignore                       []string
}

// Pool says how much is done at once, and how failures are tried again.
type Pool struct {
	Workers, MinWorkers, Queue int
	IdleTimeout                time.Duration
	Memory                     int64 // bytes; 0: half of what the machine has
	MaxAttempts                int
	Backoff, MaxBackoff        time.Duration
	ShutdownTimeout            time.Duration
	Background                 bool // stand back when somebody works
}

// Limits reject an image before one pixel of it is decoded; 0 switches one off.
type Limits struct {
	FileSize      int64
	Width, Height int
	Pixels        int64
	Frames, Scans int
	Time          time.Duration
}

// Originals says what becomes of a source when its outputs are complete, or when it failed.
type Originals struct {
	Done, Failed        string
	Archive, Quarantine string
}

// Load reads a config file. A file that does not exist is fs.ErrNotExist; Default gives the values without one.
func Load(file string) (Config, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, fmt.Errorf("%s: there is %w: `pixmill init` writes one, -c names another", file, noSuchFile{})
	}
	if err != nil {
		return Config{}, fmt.Errorf("%s: cannot be read: %w", file, err)
	}
	return Parse(file, string(text))
}

// noSuchFile is fs.ErrNotExist in words of ours.
type noSuchFile struct{}

func (noSuchFile) Error() string        { return "no such file" }
func (noSuchFile) Is(target error) bool { return target == fs.ErrNotExist }

// Default returns what an empty file in folder would say.
func Default(folder string) (Config, error) {
	return Parse(filepath.Join(folder, "config.toml"), "")
}

// Parse reads the text of a config file; file gives its name in messages and the folder that relative paths start from.
func Parse(file, text string) (Config, error) {
	base, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", file, err)
	}
	doc, err := parse(file, strings.TrimPrefix(text, "\ufeff"))
	if err != nil {
		return Config{}, err
	}
	top := doc.top()
	site, output := readSite(top, "", Pipeline{Site: plainSite}, base)
	common := readCommon(top, plainVariant)
	c := Config{
		Inbox:     top.folder("inbox", "inbox", base),
		Output:    output,
		Site:      site,
		State:     top.folder("state", ".pixmill", base),
		Watch:     readWatch(top.sub("watch")),
		Pool:      readPool(top.sub("pool")),
		Limits:    readLimits(top.sub("limits"), plainLimits),
		Originals: readOriginals(top.sub("originals"), Originals{"keep", "keep", "archive", "quarantine"}, base),
		Hooks:     readHooks(top.sub("hooks"), base),
		Upload:    readUpload(top.sub("upload")),
		Dashboard: readDashboard(top.sub("dashboard"), base),
		Notify:    readNotify(top.sub("notify")),
		Variants:  readVariants(top, common, nil),
		common:    common,
		Cluster:   readCluster(top.sub("cluster"), base),
		Hub:       readHub(top.sub("hub")),
	}
	c.Pipelines = readPipelines(top, c, base)
	if asked, _ := top.m["gps"].(bool); asked && !slices.ContainsFunc(c.All(), Pipeline.positioned) {
		top.fail("gps", "true has no effect without metadata = \"all\": write that with it")
	}
	top.done()
	for _, m := range c.misplaced() {
		if doc.line(m.key) == 0 && m.with != "" {
			m.key, m.what = m.with, "lies in "+displayPath(m.key)+": "+m.what
		}
		doc.fail(m.key, m.what)
	}
	if len(doc.errs) > 0 {
		return Config{}, doc.err()
	}
	return c, nil
}

func readWatch(t *table) Watch {
	defer t.done()
	return Watch{
		Mode:      t.word("mode", "auto", []string{"auto", "events", "poll"}),
		Recursive: t.flag("recursive", true),
		Settle:    t.duration("settle", "1s", 10*time.Millisecond),
		GiveUp:    t.duration("give_up", "10m", time.Second),
		Rescan:    t.duration("rescan", "1m", 100*time.Millisecond),
		Poll:      t.duration("poll", "5s", 100*time.Millisecond),
		Order:     t.word("order", "found", []string{"found", "oldest", "newest", "smallest", "largest"}),
		Ignore: t.patterns("ignore", []string{".*", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "*.tmp",
			"~*", "*~", "Thumbs.db", "desktop.ini", "__MACOSX", "@eaDir", ".stfolder", ".stversions", ".Trashes"}),
	}
}

func readPool(t *table) Pool {
	defer t.done()
	p := Pool{
		Workers:         int(t.whole("workers", 0, 0, 4096)),
		MinWorkers:      int(t.whole("min_workers", 0, 0, 4096)),
		IdleTimeout:     t.duration("idle_timeout", "30s", time.Millisecond),
		Queue:           int(t.whole("queue", 0, 0, 1_000_000)),
		Memory:          t.size("memory", "0"),
		MaxAttempts:     int(t.whole("max_attempts", 3, 1, 100)),
		Backoff:         t.duration("backoff", "100ms", time.Millisecond),
		MaxBackoff:      t.duration("max_backoff", "5s", time.Millisecond),
		ShutdownTimeout: t.duration("shutdown_timeout", "30s", time.Millisecond),
		Background:      t.flag("background", false),
	}
	if p.Workers == 0 {
		p.Workers = defaultWorkers()
	}
	if p.MinWorkers > p.Workers {
		t.fail("min_workers", "%d is more than workers (%d): write at most that, or 0 for a pool of fixed size", p.MinWorkers, p.Workers)
	}
	if p.Backoff > p.MaxBackoff {
		t.fail("backoff", "%s is longer than max_backoff (%s): write at most that", p.Backoff, p.MaxBackoff)
	}
	return p
}

var plainLimits = Limits{FileSize: 256e6, Width: 32768, Height: 32768, Pixels: 150_000_000, Frames: 1000, Scans: 200, Time: time.Minute}

func readLimits(t *table, def Limits) Limits {
	defer t.done()
	return Limits{
		FileSize: t.size("file_size", strconv.FormatInt(def.FileSize, 10)),
		Width:    int(t.whole("width", int64(def.Width), 0, math.MaxInt32)),
		Height:   int(t.whole("height", int64(def.Height), 0, math.MaxInt32)),
		Pixels:   t.whole("pixels", def.Pixels, 0, math.MaxInt64),
		Frames:   int(t.whole("frames", int64(def.Frames), 0, math.MaxInt32)),
		Scans:    int(t.whole("scans", int64(def.Scans), 0, math.MaxInt32)),
		Time:     time.Duration(t.whole("seconds", int64(def.Time.Seconds()), 0, 86400)) * time.Second,
	}
}

func readOriginals(t *table, def Originals, base string) Originals {
	defer t.done()
	return Originals{
		Done:       t.word("done", def.Done, []string{"keep", "archive", "delete"}),
		Failed:     t.word("failed", def.Failed, []string{"keep", "quarantine"}),
		Archive:    t.folder("archive", def.Archive, base),
		Quarantine: t.folder("quarantine", def.Quarantine, base),
	}
}

// Overrides are what the command line sets above the file; zero values override nothing. Folders are relative to the working
// directory.
type Overrides struct {
	Inbox, Output string
	Workers       int
	URL           string // of the cluster
}

// Override applies o, or says which flag is at fault.
func (c *Config) Override(o Overrides) error {
	var errs []error
	for _, f := range []struct {
		given  string
		target *string
	}{{o.Inbox, &c.Inbox}, {o.Output, &c.Output}} {
		if f.given == "" {
			continue
		}
		abs, err := filepath.Abs(f.given)
		errs = append(errs, err)
		*f.target = abs
	}
	if o.Workers < 0 {
		errs = append(errs, fmt.Errorf("--workers: %d is too small: write a whole number from 1, or leave it out for one per CPU", o.Workers))
	}
	if o.Workers > 0 {
		c.Pool.Workers, c.Pool.MinWorkers = o.Workers, min(o.Workers, c.Pool.MinWorkers)
	}
	if o.URL != "" {
		if bad := badURL(o.URL); bad != "" {
			errs = append(errs, fmt.Errorf("--url: %s", bad))
		}
		c.Cluster.URL = o.URL
	}
	for _, m := range c.misplaced() {
		errs = append(errs, fmt.Errorf("%s: %s", displayPath(m.key), m.what))
	}
	return errors.Join(errs...)
}

// Within reports whether path is folder or lies below it.
func Within(path, folder string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}
