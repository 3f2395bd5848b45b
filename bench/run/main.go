// Command run measures pixmill beside its peers, whole processes in turn (A B C … A B C …), and writes a page of medians.
// bench/run.sh installs the peers, builds what is needed, and starts it.
//
//	run -root . -work DIR -photos DIR -out bench/RESULTS.md [-rounds 7] [row...]
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/term"
)

type bench struct {
	root, work, photos string
	rounds             int
	page               bytes.Buffer
	terminal           bool
}

func main() {
	var b bench
	flag.StringVar(&b.root, "root", ".", "pixmill's folder")
	flag.StringVar(&b.work, "work", "", "folder of pixmill, imaging and decode, built, and for what is made")
	flag.StringVar(&b.photos, "photos", "", "folder of the photos")
	flag.IntVar(&b.rounds, "rounds", 7, "how often each is run")
	out := flag.String("out", "", "the page to write")
	flag.Parse()
	b.terminal = term.IsTerminal(int(os.Stderr.Fd()))
	if err := b.run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
	if err := os.WriteFile(*out, b.page.Bytes(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(1)
	}
	os.Stdout.Write(b.page.Bytes())
}

func (b *bench) run(wanted []string) error {
	b.machine()
	for _, r := range b.rows() {
		if len(wanted) > 0 && !strings.Contains(" "+strings.Join(wanted, " ")+" ", " "+r.name+" ") {
			continue
		}
		if err := b.row(r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

// machine heads the page with what the figures depend on.
func (b *bench) machine() {
	version := func(name string, args ...string) string {
		out, err := exec.Command(name, args...).CombinedOutput()
		if err != nil {
			return "not here"
		}
		line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		return line
	}
	cpu := "unknown"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(info), "\n") {
			if name, found := strings.CutPrefix(line, "model name\t: "); found {
				cpu = name
				break
			}
		}
	}
	load, _ := os.ReadFile("/proc/loadavg")
	sharp := version("node", "-p", `const v=require(process.env.SHARP+"/node_modules/sharp").versions; "sharp "+v.sharp+", libvips "+v.vips`)
	fmt.Fprintf(&b.page, `# Results

Written by `+"`bench/run.sh`"+`, %s; %d rounds, one tool after the other in each; medians. CPU is user and system seconds of whole
processes, memory the largest resident set of one of them, both by the operating system's account.

| | |
|---|---|
| machine | %s, %d cores, load %s before the start |
| pixmill | %s |
| sharp | %s, node %s |
| vipsthumbnail | %s |
| GraphicsMagick | %s |
| ImageMagick | %s |
| Pillow | %s |
| djpeg | %s |
`, time.Now().Format("2006-01-02"), b.rounds, cpu, runtime.NumCPU(), strings.Join(strings.Fields(string(load))[:1], ""),
		version(b.bin("pixmill"), "version"), sharp, version("node", "--version"), version("vipsthumbnail", "--vips-version"), version("gm", "version"),
		version("convert-im6.q16", "-version"), version("/usr/bin/python3", "-c", "import PIL; print(PIL.__version__)"), version("djpeg", "-version"))
}

// contestant is one that a row compares.
type contestant struct {
	name    string
	command func(out string) []string
}

// row runs all contestants of a row in turn, and writes its table and what became of its targets.
func (b *bench) row(r row) error {
	contestants, missing, err := r.contestants()
	if err != nil {
		return err
	}
	all := make([][]figures, len(contestants))
	for round := range b.rounds {
		for i, c := range contestants {
			if b.terminal {
				fmt.Fprintf(os.Stderr, "\r\033[K%s, round %d of %d: %s", r.name, round+1, b.rounds, c.name)
			}
			f, err := b.once(c.command)
			if err != nil {
				return err
			}
			all[i] = append(all[i], f)
		}
	}
	if b.terminal {
		fmt.Fprint(os.Stderr, "\r\033[K")
	}
	medians := map[string]figures{}
	fmt.Fprintf(&b.page, "\n## %s\n\n%s\n\n| | CPU s | least | most | × pixmill | wall s | peak RSS MB | files | bytes out |\n|---|---|---|---|---|---|---|---|---|\n", r.name, r.what)
	for i, c := range contestants {
		m := median(all[i])
		medians[c.name] = m
		least, most := all[i][0].cpu, all[i][0].cpu
		for _, f := range all[i] {
			least, most = min(least, f.cpu), max(most, f.cpu)
		}
		fmt.Fprintf(&b.page, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %d | %d | %d |\n", c.name, m.cpu, least, most, m.cpu/medians[contestants[0].name].cpu, m.wall, m.rss/1e6, m.files, m.out)
	}
	for _, name := range missing {
		fmt.Fprintf(&b.page, "\n%s is not here: not measured.\n", name)
	}
	fmt.Fprintln(&b.page)
	for _, t := range r.targets {
		fmt.Fprintf(&b.page, "- %s\n", t.verdict(medians))
	}
	return nil
}

// photo is the path of one of the shared photos.
func (b *bench) photo(name string) string { return filepath.Join(b.photos, name) }
