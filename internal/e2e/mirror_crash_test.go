package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	mirrorRounds = flag.Int("mirror.rounds", 3, "how often TestMirrorCrash kills `pixmill watch`")
	mirrorSeed   = flag.Uint64("mirror.seed", 1, "of its random moments")
)

// TestMirrorCrash adds, deletes and moves photos and folders, while `pixmill watch` mirrors them and while it does not, and kills it again and
// again. After a last run the output has the outputs of what is in the inbox, the manifest has them all, and nothing else is there, but for
// what a killed worker had not recorded yet, of an original that was gone by the next start.
func TestMirrorCrash(t *testing.T) {
	m := &mirrorCrash{T: t, random: rand.New(rand.NewPCG(*mirrorSeed, 1)), dir: t.TempDir()}
	m.must(os.MkdirAll(m.path("inbox"), 0o755))
	m.must(os.WriteFile(m.path("config.toml"), []byte("mirror_deletes = true\nmanifest = \"photos.json\"\nsnippet = true\n[pool]\nworkers = 2\n"+
		"[[variant]]\nname = \"s\"\nwidth = 40\npath = \"{dir}/{name}-{variant}.{hash}.{ext}\"\n"), 0o644))
	for range *mirrorRounds {
		m.stir(20)
		watch := m.pixmill("watch")
		m.must(watch.Start())
		for end := time.Now().Add(time.Duration(m.random.IntN(4000)) * time.Millisecond); time.Now().Before(end); {
			m.stir(2)
			time.Sleep(50 * time.Millisecond)
		}
		m.must(watch.Process.Kill())
		watch.Wait()
	}
	m.stir(20)
	if out, err := m.pixmill("run").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	m.check()
}

type mirrorCrash struct {
	*testing.T
	random         *rand.Rand
	dir            string
	photos, deeds  int
	added, deleted int
}

func (m *mirrorCrash) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m *mirrorCrash) path(name string) string {
	return filepath.Join(m.dir, filepath.FromSlash(name))
}

func (m *mirrorCrash) pixmill(command string) *exec.Cmd {
	cmd := exec.Command("pixmill", command)
	cmd.Dir = m.dir
	return cmd
}

// files are below a folder, hidden ones left out.
func (m *mirrorCrash) files(folder string) (names []string) {
	m.must(filepath.WalkDir(m.path(folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			rel, _ := filepath.Rel(m.path(folder), path)
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	}))
	return names
}

// stir does so many things to the inbox.
func (m *mirrorCrash) stir(n int) {
	for range n {
		m.deeds++
		folder := fmt.Sprintf("inbox/%d", m.random.IntN(4))
		m.must(os.MkdirAll(m.path(folder), 0o755))
		there := m.files("inbox")
		pick := func() string { return m.path("inbox/" + there[m.random.IntN(len(there))]) }
		switch what := m.random.IntN(10); {
		case what < 5 || len(there) == 0:
			data, err := os.ReadFile(filepath.Join("testdata", "images", "tiny-1x1.jpg"))
			m.must(err)
			m.photos++
			m.added++
			m.must(os.WriteFile(m.path(fmt.Sprintf("%s/%d.jpg", folder, m.photos)), numbered(data, m.photos), 0o644))
		case what < 7:
			m.deleted++
			m.must(os.Remove(pick()))
		case what < 9:
			m.photos++
			m.must(os.Rename(pick(), m.path(fmt.Sprintf("%s/%d.jpg", folder, m.photos))))
		default:
			m.photos++
			m.must(os.Rename(m.path(folder), m.path(fmt.Sprintf("inbox/moved-%d", m.photos))))
		}
	}
}

func (m *mirrorCrash) check() {
	text, err := os.ReadFile(m.path("output/photos.json"))
	m.must(err)
	var manifest struct {
		Photos []struct {
			Source, Snippet string
			Outputs         []struct{ Path string }
		}
	}
	m.must(json.Unmarshal(text, &manifest))
	var told []string
	standing := m.files("output")
	known := []string{"photos.json"}
	for _, p := range manifest.Photos {
		told = append(told, p.Source)
		if len(p.Outputs) != 1 || p.Snippet == "" {
			m.Errorf("%s has outputs %v and the snippet %q", p.Source, p.Outputs, p.Snippet)
			continue
		}
		known = append(known, p.Outputs[0].Path, p.Snippet)
	}
	there := m.files("inbox")
	slices.Sort(there)
	slices.Sort(told)
	if !slices.Equal(there, told) {
		m.Errorf("in the inbox are %q, the manifest tells of %q", there, told)
	}
	left := 0
	for _, name := range standing {
		if !slices.Contains(known, name) {
			left++
			m.Logf("%s stands for nothing", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(standing, name) {
			m.Errorf("%s is told of and not there", name)
		}
	}
	if most := 2 * 2 * *mirrorRounds; left > most { // two files of each worker at each kill
		m.Errorf("%d files stand for nothing, which is more than %d kills can leave", left, *mirrorRounds)
	}
	m.Logf("seed %d: %d deeds, %d photos added, %d deleted, %d kills: %d photos at the end, %d files that stand for nothing", *mirrorSeed, m.deeds,
		m.added, m.deleted, *mirrorRounds, len(there), left)
}
