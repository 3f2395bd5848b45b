package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"image"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pixmill/sink/ledger"
)

var (
	crashRounds  = flag.Int("crash.rounds", 6, "how often TestCrash kills `pixmill watch`, for each fate of originals")
	crashPhotos  = flag.Int("crash.photos", 500, "photos in its inbox")
	crashSeed    = flag.Uint64("crash.seed", 1, "of its random moments")
	crashFates   = flag.String("crash.fates", "keep,archive,delete", "what becomes of its originals, in turn")
	crashMinutes = flag.Int("crash.minutes", 0, "no new round after this time for each fate; 0: no bound")
)

// TestCrash kills `pixmill watch` at random moments, over and over, and holds what is there after each kill against the promise: every original
// is untouched in the inbox, or where it is to go with all its outputs complete and recorded; no output is ever partial; nothing is
// made twice. The same seed makes the same photos and asks for the same moments. bench/crash.sh runs the long form.
func TestCrash(t *testing.T) {
	for _, fate := range strings.Split(*crashFates, ",") {
		t.Run(fate, func(t *testing.T) {
			c := &crash{T: t, fate: fate, random: rand.New(rand.NewPCG(*crashSeed, uint64(len(fate))))}
			c.photos = c.makePhotos(*crashPhotos)
			c.makeReference()
			start := time.Now()
			for c.rounds < *crashRounds && !t.Failed() && (*crashMinutes == 0 || time.Since(start) < time.Duration(*crashMinutes)*time.Minute) {
				c.life()
			}
			t.Logf("seed %d, originals %s: %d kills in %d lives of %d photos, %s: %d looks at photos, %d at outputs, %d of those made alone after a crash; "+
				"%d temps left by kills; lost %d, partial %d, doubled %d", *crashSeed, fate, c.rounds, c.lives, len(c.photos),
				time.Since(start).Round(time.Second), c.looks, c.outputs, c.alone, c.temps, c.lost, c.partial, c.doubled)
		})
	}
}

// crash is one fate's test.
type crash struct {
	*testing.T
	fate   string
	random *rand.Rand
	photos map[string]photo
	dir    string // of the present life

	rounds, lives, looks, outputs, alone, temps int
	lost, partial, doubled                      int
}

// photo is what is known of an original.
type photo struct {
	data    []byte
	outputs map[string][]byte // by path; none: it is rejected
}

func (c *crash) must(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

// makePhotos takes small images of testdata, each with a number inside, every tenth twice under two names, and some that are
// damaged.
func (c *crash) makePhotos(n int) map[string]photo {
	kinds := []string{"scene.jpg", "portrait.jpg", "rgb.png", "grey.jpg", "progressive.jpg", "orientation-6.jpg", "palette.png", "cmyk.jpg", "truncated-50.jpg"}
	all := map[string]photo{}
	for i := 0; len(all) < n; i++ {
		kind := kinds[i%len(kinds)]
		data, err := os.ReadFile(filepath.Join("testdata", "images", kind))
		c.must(err)
		data = numbered(data, i)
		name := fmt.Sprintf("%02d/%04d%s", i%7, i, filepath.Ext(kind))
		all[name] = photo{data: data}
		if i%10 == 0 && len(all) < n {
			all[fmt.Sprintf("twins/%04d%s", i, filepath.Ext(kind))] = photo{data: data}
		}
	}
	return all
}

// numbered puts a comment into a JPEG or a PNG.
func numbered(data []byte, n int) []byte {
	text := fmt.Sprintf("Comment\x00photo %d", n)
	if data[0] == 0xff {
		segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xfe}, uint16(len(text)+2))
		return slices.Concat(data[:2], segment, []byte(text), data[2:])
	}
	const header = 8 + 25 // signature and IHDR
	chunk := append([]byte("tEXt"), text...)
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
	return slices.Concat(data[:header], binary.BigEndian.AppendUint32(nil, uint32(len(text))), chunk, sum, data[header:])
}

func (c *crash) config() string {
	failed := "keep"
	if c.fate != "keep" {
		failed = "quarantine"
	}
	return fmt.Sprintf("widths = [40, 80, 120]\n[originals]\ndone = %q\nfailed = %q\n", c.fate, failed)
}

func (c *crash) fill(dir, config string) {
	c.must(os.MkdirAll(dir, 0o755))
	c.must(os.WriteFile(filepath.Join(dir, "config.toml"), []byte(config), 0o644))
	for name, p := range c.photos {
		path := filepath.Join(dir, "inbox", filepath.FromSlash(name))
		c.must(os.MkdirAll(filepath.Dir(path), 0o755))
		c.must(os.WriteFile(path, p.data, 0o644))
	}
}

func (c *crash) pixmill(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("pixmill", args...)
	cmd.Dir = dir
	return cmd
}

// makeReference finds out what undisturbed work makes.
func (c *crash) makeReference() {
	dir := c.TempDir()
	c.fill(dir, "widths = [40, 80, 120]\n")
	out, err := c.pixmill(dir, "run").CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) { // some are damaged
		c.Fatalf("%v: %s", err, out)
	}
	for name, sources := range c.records(dir) {
		p := c.photos[name]
		p.outputs = map[string][]byte{}
		for _, o := range sources[0].Outputs {
			if p.outputs[o.Path], err = os.ReadFile(filepath.Join(dir, "output", filepath.FromSlash(o.Path))); err != nil {
				c.Fatal(err)
			}
		}
		c.photos[name] = p
	}
}

// life is a folder from its first start until all is done.
func (c *crash) life() {
	c.dir = filepath.Join(c.TempDir(), "life")
	defer os.RemoveAll(c.dir)
	c.fill(c.dir, c.config())
	c.lives++
	for done := 0; done < len(c.photos) && c.rounds < *crashRounds && !c.Failed(); {
		c.kill()
		done = c.look()
	}
	// One undisturbed run settles what is left; then nothing is lacking, doubled or left over.
	out, _ := c.pixmill(c.dir, "run").CombinedOutput()
	if done := c.look(); done != len(c.photos) {
		c.Errorf("%d of %d photos are done in the end: %s", done, len(c.photos), out)
	}
	c.lines(true)
	c.must(filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".pixmill-") {
			c.Errorf("%s was not swept", path)
		}
		return err
	}))
	out, err := c.pixmill(c.dir, "run").CombinedOutput()
	if c.fate == "keep" { // the damaged ones are still there
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !bytes.Contains(out, []byte("\n0 images; ")) {
			c.Errorf("run again: %v: %s", err, out)
		}
	} else if err != nil || bytes.Contains(out, []byte("→")) {
		c.Errorf("run again: %v: %s", err, out)
	}
}

// kill starts pixmill and kills it at a random moment: some while it starts, most while it works.
func (c *crash) kill() {
	cmd := c.pixmill(c.dir, "watch")
	var log bytes.Buffer
	cmd.Stderr = &log
	c.must(cmd.Start())
	time.Sleep(time.Duration(c.random.IntN(400_000)) * time.Microsecond)
	c.must(cmd.Process.Kill())
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() && runtime.GOOS != "windows" { // whose killed processes end with 1
		c.Fatalf("pixmill ended by itself: %v: %s", err, log.String())
	}
	c.rounds++
}

// look checks every photo; it returns how many have met their fate.
func (c *crash) look() (done int) {
	records := c.records(c.dir)
	for name, p := range c.photos {
		c.looks++
		if c.settled(name, p, records[name]) {
			done++
		}
	}
	c.must(c.wholeOutputs())
	c.lines(false)
	return done
}

// settled checks one photo.
func (c *crash) settled(name string, p photo, records []ledger.Source) bool {
	here := c.holds("inbox/"+name, p.data)
	bad := len(p.outputs) == 0
	switch {
	case here && bad:
		return c.fate == "keep" && len(records) > 0
	case bad:
		if !c.holds("quarantine/"+name, p.data) || !c.there("quarantine/"+name+".json") {
			c.fault(&c.lost, "%s is lost, or without its reason", name)
		}
		return true
	case here && c.fate != "keep":
		return false
	}
	recorded := len(records) > 0 && records[0].Status == "done" && len(records[0].Outputs) == len(p.outputs)
	complete := true
	for path := range p.outputs {
		complete = complete && c.there("output/"+path)
	}
	if here {
		if recorded && !complete {
			c.fault(&c.partial, "%s is recorded, and its outputs are not complete", name)
		}
		return recorded
	}
	kept := c.fate == "delete" || c.fate == "archive" && c.holds("archive/"+name, p.data)
	if !kept || !recorded || !complete {
		c.fault(&c.lost, "%s left the inbox: kept %t, recorded %t, complete %t", name, kept, recorded, complete)
	}
	return true
}

// wholeOutputs checks every file in the output folder under a final name: the bytes that undisturbed work makes, or, of a variant that was
// made alone because a crash came between two of them, a whole picture of the same size.
func (c *crash) wholeOutputs() error {
	want := map[string][]byte{}
	for _, p := range c.photos {
		for path, data := range p.outputs {
			want[path] = data
		}
	}
	root := filepath.Join(c.dir, "output")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(d.Name(), ".pixmill-") {
			c.temps++
			return nil
		}
		c.outputs++
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		whole, known := want[filepath.ToSlash(rel)]
		if bytes.Equal(whole, data) && known {
			return nil
		}
		c.alone++
		got, _, err := image.Decode(bytes.NewReader(data))
		should, _, _ := image.DecodeConfig(bytes.NewReader(whole))
		if !known || err != nil || got.Bounds().Dx() != should.Width || got.Bounds().Dy() != should.Height {
			c.fault(&c.partial, "%s is partial, or of nobody: %v", rel, err)
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lines checks the savings log: no photo was made twice; in the end, each once.
func (c *crash) lines(end bool) {
	data, err := os.ReadFile(filepath.Join(c.dir, ".pixmill", "savings.jsonl"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.Fatal(err)
	}
	made := map[string]int{}
	for line := range bytes.Lines(data) {
		var rec struct{ Source, Status string }
		if json.Unmarshal(line, &rec) == nil && rec.Status == "done" {
			made[rec.Source]++
		}
	}
	for name, p := range c.photos {
		if n := made[name]; n > 1 || end && n == 0 && len(p.outputs) > 0 {
			c.fault(&c.doubled, "%s has %d lines in the savings log", name, n)
		}
	}
}

// records is what the ledger knows, by name.
func (c *crash) records(dir string) map[string][]ledger.Source {
	all := map[string][]ledger.Source{}
	l, err := ledger.Read(filepath.Join(dir, ".pixmill", "ledger.db"))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "version 0") { // killed before it was made
			c.Errorf("round %d: %v", c.rounds, err)
		}
		return all
	}
	defer l.Close()
	sources, err := l.Since(time.Time{})
	c.must(err)
	for _, s := range sources {
		all[s.Name] = append(all[s.Name], s)
	}
	return all
}

// fault counts a broken promise, and says which.
func (c *crash) fault(count *int, format string, args ...any) {
	c.Helper()
	*count++
	c.Errorf("round %d: "+format, append([]any{c.rounds}, args...)...)
}

func (c *crash) there(path string) bool {
	_, err := os.Stat(filepath.Join(c.dir, filepath.FromSlash(path)))
	return err == nil
}

// holds reports whether a file is there with just these bytes; one that is there with others is a fault.
func (c *crash) holds(path string, data []byte) bool {
	got, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if err != nil {
		return false
	}
	if !bytes.Equal(got, data) {
		c.fault(&c.lost, "%s has changed", path)
	}
	return true
}
