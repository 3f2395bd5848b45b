package dashboard

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"pixmill/resize"
)

// An upload begins as a dot file, which watchers leave out, and gets its name when it is whole.
const (
	uploadPrefix = ".pixmill-upload-"
	uploadSuffix = ".tmp"
)

// uploaded says under which name a file came into the inbox.
type uploaded struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// postUpload puts the request's body into the inbox of the pipeline that its query names, under the name that it gives.
func (d *Dashboard) postUpload(w http.ResponseWriter, r *http.Request) {
	pipeline := r.URL.Query().Get("pipeline")
	at := slices.IndexFunc(d.opts.Inboxes, func(in Inbox) bool { return in.Name == pipeline })
	if at < 0 {
		fail(w, http.StatusBadRequest, fmt.Sprintf("pipeline: there is none called %q: /api/v1/pipelines has them", pipeline))
		return
	}
	name, err := d.nameFor(r.URL.Query().Get("name"))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	most := d.opts.Inboxes[at].Most
	if most > 0 && r.ContentLength > most {
		fail(w, http.StatusRequestEntityTooLarge, tooLarge(most))
		return
	}
	body := io.Reader(&patient{r.Body, http.NewResponseController(w)})
	if most > 0 {
		body = http.MaxBytesReader(w, io.NopCloser(body), most)
	}
	in := bufio.NewReaderSize(body, 64<<10)
	head, err := in.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		fail(w, http.StatusBadRequest, "the upload broke off: "+err.Error())
		return
	}
	if resize.Sniff(head) == "" {
		fail(w, http.StatusUnsupportedMediaType, "this is not an image")
		return
	}
	name, n, err := receive(d.opts.Inboxes[at].Folder, name, in)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		fail(w, http.StatusRequestEntityTooLarge, tooLarge(most))
	case err != nil:
		fail(w, http.StatusInternalServerError, err.Error())
	default:
		answer(w, uploaded{name, n})
	}
}

func tooLarge(most int64) string {
	return "the file is larger than " + humanize.Bytes(uint64(most)) + ": limits.file_size in config.toml says so"
}

// patient gives every read of a body its time, so that a slow upload may take long, and a dead one not.
type patient struct {
	io.Reader
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(stallTime))
	return p.Reader.Read(b)
}

// nameFor checks the name of an upload: a path below the inbox that the watcher does not leave out.
func (d *Dashboard) nameFor(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("name: say what the file is called, as in ?name=photo.jpg")
	case !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsAny(name, "\\:\x00") || path.Clean(name) != name:
		return "", fmt.Errorf("name: %q does not lie in the inbox: write a plain file name, or one with folders, as in holiday/photo.jpg", name)
	}
	for _, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") || len(part) > 240 || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return "", fmt.Errorf("name: %q is hidden, too long, or has control characters", part)
		}
		if slices.ContainsFunc(d.opts.Ignore, func(pattern string) bool { hit, _ := path.Match(pattern, part); return hit }) {
			return "", fmt.Errorf("name: %q would be left out: watch.ignore in config.toml says so", part)
		}
	}
	return name, nil
}

// receive writes a file into an inbox, whole or not at all, and returns the name it got.
func receive(folder, name string, body io.Reader) (string, int64, error) {
	inbox, err := os.OpenRoot(folder)
	if err != nil {
		return "", 0, err
	}
	defer inbox.Close()
	if err := inbox.MkdirAll(path.Dir(name), 0o755); err != nil {
		return "", 0, err
	}
	temp := path.Join(path.Dir(name), uploadPrefix+rand.Text()+uploadSuffix)
	f, err := inbox.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", 0, err
	}
	defer inbox.Remove(temp)
	n, err := io.Copy(f, body)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", n, err
	}
	name, err = settle(inbox, temp, name)
	return name, n, err
}

// mostNames that are tried for a file whose name is taken.
const mostNames = 1000

// settle gives a whole file its name, or name~2, name~3 … where that is taken: nothing in the inbox is ever replaced.
func settle(inbox *os.Root, temp, name string) (string, error) {
	ext := path.Ext(name)
	for n := 1; n < mostNames; n++ {
		free := name
		if n > 1 {
			free = fmt.Sprintf("%s~%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
		err := inbox.Link(temp, free)
		if err == nil {
			return free, nil
		}
		if !errors.Is(err, fs.ErrExist) { // a file system without links
			if _, there := inbox.Lstat(free); errors.Is(there, fs.ErrNotExist) {
				return free, inbox.Rename(temp, free)
			}
		}
	}
	return "", fmt.Errorf("%s: there are %d files of this name already", name, mostNames)
}

// sweep removes what uploads left that a former process did not finish.
func (d *Dashboard) sweep() {
	for _, in := range d.opts.Inboxes {
		d.sweepOne(in.Folder)
	}
}

func (d *Dashboard) sweepOne(folder string) {
	inbox, err := os.OpenRoot(folder)
	if err != nil {
		return
	}
	defer inbox.Close()
	_ = fs.WalkDir(inbox.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // the watcher says so
		}
		base := path.Base(name)
		if !e.Type().IsRegular() || !strings.HasPrefix(base, uploadPrefix) || !strings.HasSuffix(base, uploadSuffix) {
			return nil
		}
		if info, err := e.Info(); err == nil && info.ModTime().Before(d.started) {
			_ = inbox.Remove(name)
		}
		return nil
	})
}
