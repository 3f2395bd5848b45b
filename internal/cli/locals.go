package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/pipeline"
)

// locals knows what the folders of the inboxes say of their photos. A folder's file is looked at again after a second, so that a photo costs
// no look of its own.
type locals struct {
	mu      sync.Mutex
	bases   map[string]*local   // by the pipeline's name
	folders map[string]*visited // by the pipeline's name and the folder
}

// local is what holds in a folder. It never changes: a changed file makes another one.
type local struct {
	pipeline config.Pipeline
	settings *pipeline.Settings // nil: the pipeline's own
	err      error
}

// visited is a folder as it was looked at last.
type visited struct {
	at    time.Time
	info  fs.FileInfo // of its file; nil: there was none
	above *local
	here  *local
}

const (
	localFresh = time.Second
	maxLocal   = 64 << 10 // bytes
)

// restart begins anew with a config.
func (l *locals) restart(c config.Config) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bases, l.folders = map[string]*local{}, map[string]*visited{}
	for _, p := range c.All() {
		l.bases[p.Name] = &local{pipeline: p}
	}
}

// of is what holds in a folder of a pipeline's inbox, nil for what holds in all of it. root is the inbox; nil: it is opened.
func (l *locals) of(root *os.Root, pipeline, dir string) (*pipeline.Settings, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	base := l.bases[pipeline]
	if base == nil {
		return nil, nil
	}
	if root == nil {
		var err error
		if root, err = os.OpenRoot(base.pipeline.Inbox); err != nil {
			return nil, err
		}
		defer root.Close()
	}
	here := l.visit(root, base, path.Clean(dir))
	return here.settings, here.err
}

func (l *locals) visit(root *os.Root, base *local, dir string) *local {
	above := base
	if dir != "." {
		above = l.visit(root, base, path.Dir(dir))
	}
	key := base.pipeline.Name + ":" + dir
	v := l.folders[key]
	if v != nil && v.above == above && time.Since(v.at) < localFresh {
		return v.here
	}
	file := path.Join(dir, config.LocalName)
	info, err := root.Stat(file)
	now := &visited{at: time.Now(), info: info, above: above}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		now.here = above
	case err == nil && v != nil && v.info != nil && v.above == above && v.info.Size() == info.Size() && v.info.ModTime().Equal(info.ModTime()):
		now.here = v.here
	case above.err != nil:
		now.here = above
	default:
		now.here = readLocal(root, file, above)
	}
	l.folders[key] = now
	return now.here
}

func readLocal(root *os.Root, file string, above *local) *local {
	text, err := readShort(root, file)
	p := above.pipeline
	if err == nil {
		p, err = p.Local(file, text)
	}
	var s pipeline.Settings
	if err == nil {
		s, err = making(p)
	}
	if err != nil {
		return &local{err: fmt.Errorf("what is said of its folder is wrong: %s", strings.ReplaceAll(err.Error(), "\n", "; "))}
	}
	return &local{pipeline: p, settings: &s}
}

func readShort(root *os.Root, file string) (string, error) {
	info, err := root.Stat(file)
	if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait
		err = fmt.Errorf("%s is not a file", file)
	}
	if err != nil {
		return "", err
	}
	f, err := root.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxLocal+1))
	if err == nil && len(text) > maxLocal {
		err = fmt.Errorf("%s is longer than %d bytes", file, maxLocal)
	}
	return string(text), err
}
