package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"pixmill/internal/config"
	"pixmill/sink"
	"pixmill/sink/ledger"
)

func (a *app) reportCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "report",
		Short: "Print the savings by day, folder, variant and format",
		Long: `Print what was saved by day, by folder, by variant and by format, and by pipeline where there are several. By day, pipeline and folder,
a photo counts once, against all its outputs together; by variant and format, each output counts against its photo. It only reads, also while
pixmill runs.`,
		Args: noArgs,
	}
	page := c.Flags().String("html", "", "write one self-contained page with charts to `FILE` instead")
	c.RunE = func(*cobra.Command, []string) error { return a.report(*page) }
	return c
}

// group is one line of a report.
type group struct {
	Key     string
	Count   int   // of photos, or of outputs
	In, Out int64 // bytes
}

// section is one way to look at the savings.
type section struct {
	Title, Counts string
	Groups        []group
}

// savings are the sections of a report, and all together.
type savings struct {
	Total    group
	Sections []section
}

func (a *app) report(page string) error {
	l, c, err := a.history()
	if err != nil {
		return err
	}
	var s savings
	if l != nil {
		defer l.Close()
		if s, err = sum(c, l); err != nil {
			return err
		}
	}
	if page == "" {
		return s.print(a.stdout)
	}
	if err := writePage(page, s); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, "wrote", page)
	return nil
}

// sum goes through the ledger once, in batches.
func sum(c config.Config, l *ledger.Ledger) (savings, error) {
	days, pipelines, folders, variants, formats := map[string]*group{}, map[string]*group{}, map[string]*group{}, map[string]*group{}, map[string]*group{}
	add := func(groups map[string]*group, key string, in, out int64) {
		g := groups[key]
		if g == nil {
			g = &group{Key: key}
			groups[key] = g
		}
		g.Count++
		g.In += in
		g.Out += out
	}
	total := map[string]*group{"": {}}
	for last := int64(0); ; {
		sources, err := l.After(last, batch)
		if err != nil {
			return savings{}, err
		}
		if len(sources) == 0 {
			break
		}
		for _, src := range sources {
			last = src.ID
			var out int64
			for _, o := range src.Outputs {
				out += o.Bytes
				add(variants, cmp.Or(o.Variant, "(not known)"), src.Size, o.Bytes)
				add(formats, o.Format, src.Size, o.Bytes)
			}
			add(total, "", src.Size, out)
			add(days, src.Time.Local().Format("2006-01-02"), src.Size, out)
			p, _ := c.Locate(src.Name)
			add(pipelines, cmp.Or(p.Name, defaultPipeline), src.Size, out)
			add(folders, folder(c, src.Name), src.Size, out)
		}
	}
	sections := []section{{"day", "photos", sorted(days, byKey)}}
	if len(c.PipelineNames()) > 0 {
		sections = append(sections, section{"pipeline", "photos", sorted(pipelines, bySaving)})
	}
	return savings{*total[""], append(sections,
		section{"folder", "photos", sorted(folders, bySaving)},
		section{"variant", "outputs", sorted(variants, bySaving)},
		section{"format", "outputs", sorted(formats, bySaving)},
	)}, nil
}

// folder is where a source lies: of a pipeline besides the default one with its name.
func folder(c config.Config, name string) string {
	p, at := c.Locate(name)
	switch dir := path.Dir(at); {
	case p.Name == "":
		return dir
	case dir == ".":
		return p.Name + ":"
	default:
		return p.Name + ":" + dir
	}
}

func byKey(a, b group) int { return cmp.Compare(a.Key, b.Key) }

func bySaving(a, b group) int { return cmp.Or(cmp.Compare(b.In-b.Out, a.In-a.Out), byKey(a, b)) }

func sorted(groups map[string]*group, order func(a, b group) int) []group {
	all := make([]group, 0, len(groups))
	for g := range maps.Values(groups) {
		all = append(all, *g)
	}
	slices.SortFunc(all, order)
	return all
}

// Change is the size afterwards against before, such as "−87%".
func (g group) Change() string { return sink.SavedText(sink.SavedPercent(g.In, g.Out)) }

func (g group) InText() string  { return humanize.Bytes(uint64(g.In)) }
func (g group) OutText() string { return humanize.Bytes(uint64(g.Out)) }

// Name is what a person reads; names of folders come from files' names.
func (g group) Name() string { return sink.Printable(g.Key) }

// SavedText is "1.2 MB", or "−300 kB" where it is more than before.
func (g group) SavedText() string {
	if g.Out > g.In {
		return "−" + humanize.Bytes(uint64(g.Out-g.In))
	}
	return humanize.Bytes(uint64(g.In - g.Out))
}

// blanks are what a table ends some of its lines with.
var blanks = regexp.MustCompile(`(?m) +$`)

func (s savings) print(w io.Writer) error {
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, sec := range s.Sections {
		if len(sec.Groups) == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\tbefore\tafter\tsaved\t\t  by %s\n", sec.Counts, sec.Title)
		for _, g := range sec.Groups {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t  %s\n", humanize.Comma(int64(g.Count)), g.InText(), g.OutText(), g.SavedText(), g.Change(), g.Name())
		}
		fmt.Fprintln(t, "\t\t\t\t\t")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if _, err := w.Write(blanks.ReplaceAll(table.Bytes(), nil)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s photos, %s → %s: %s\n", humanize.Comma(int64(s.Total.Count)), s.Total.InText(), s.Total.OutText(),
		saved(s.Total.In, s.Total.Out))
	return err
}

// writePage writes the page beside the file and renames it, so that a page being read is whole.
func writePage(name string, s savings) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".report-*.tmp")
	if err != nil {
		return usageError{fmt.Errorf("--html: nothing can be written beside %s: %w: name a file in a folder that is there", name, cause(err))}
	}
	defer os.Remove(f.Name())
	err = renderPage(f, s)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return usageError{fmt.Errorf("--html: %s cannot be replaced: %w", name, cause(err))}
	}
	return nil
}

// cause is an error of the file system without what was done to which temporary file.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}
