package s3

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// wire stands before a hub and counts what goes through it.
func wire(t *testing.T, target string) (address string, to, from *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	to, from = new(atomic.Int64), new(atomic.Int64)
	copied := func(dst, src net.Conn, n *atomic.Int64) {
		io.Copy(dst, io.TeeReader(src, counter{n}))
		dst.Close()
		src.Close()
	}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				near.Close()
				continue
			}
			go copied(far, near, to)
			go copied(near, far, from)
		}
	}()
	return l.Addr().String(), to, from
}

type counter struct{ n *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return len(p), nil
}

// counted stands before a server and counts the objects that are put, and all that is asked.
func counted(t *testing.T, server string) (address string, puts func() map[string]int, asked *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	all := map[string]int{}
	asked = new(atomic.Int64)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Method == http.MethodPut {
			mu.Lock()
			all[strings.TrimPrefix(r.URL.Path, "/photos/site/")]++
			mu.Unlock()
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() map[string]int {
		mu.Lock()
		defer mu.Unlock()
		copied := map[string]int{}
		for k, n := range all {
			copied[k] = n
		}
		return copied
	}, asked
}

// process is a pixmill that goes on.
type process struct {
	*exec.Cmd
	stdout, stderr *os.File
}

// begin starts pixmill in dir, which gets the config.
func begin(t *testing.T, program, dir, config, secret string, args ...string) *process {
	t.Helper()
	write(t, filepath.Join(dir, "config.toml"), []byte(config))
	p := &process{Cmd: exec.Command(program, args...)}
	p.Dir = dir
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "HOME=") {
			p.Env = append(p.Env, v)
		}
	}
	p.Env = append(p.Env, "HOME="+dir)
	if secret != "" {
		p.Env = append(p.Env, "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secret)
	}
	var err error
	for name, file := range map[string]**os.File{"stdout": &p.stdout, "stderr": &p.stderr} {
		if *file, err = os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.Stdout, p.Stderr = p.stdout, p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		p.Wait()
		if t.Failed() {
			t.Logf("%v said: %s", args, p.said(p.stderr))
		}
	})
	return p
}

func (p *process) said(f *os.File) string {
	text, _ := os.ReadFile(f.Name())
	return string(text)
}

// end stops it as Ctrl-C does.
func (p *process) end(t *testing.T) {
	t.Helper()
	p.Process.Signal(syscall.SIGINT)
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %v", p.Args, err)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !there(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

// hub starts one, and returns what makes a config of a way to it, on which bytes are counted.
func hub(t *testing.T, program, dir string) (through func(store string) (config string, to, from *atomic.Int64)) {
	t.Helper()
	begin(t, program, dir, "", "", "hub", "--listen", "127.0.0.1:0")
	var address *url.URL
	eventually(t, "the hub", func() bool {
		text, err := os.ReadFile(filepath.Join(dir, ".pixmill", "hub", "url"))
		if err != nil {
			return false
		}
		address, err = url.Parse(strings.TrimSpace(string(text)))
		return err == nil
	})
	return func(server string) (config string, to, from *atomic.Int64) {
		on, to, from := wire(t, address.Host)
		return fmt.Sprintf("[cluster]\nurl = \"nats://%s@%s\"\nstore = \"s3://photos/carried?endpoint=%s&region=us-east-1\"\n", address.User, on, server), to, from
	}
}

// With [cluster] store, photos and outputs travel by the bucket, and stay there no longer than they have to; the hub carries words.
func TestClusterStore(t *testing.T) {
	dir := t.TempDir()
	program := build(t, dir, "../..", ".")
	plain := serve(t, dir)
	server, puts, asked := counted(t, plain)
	through := hub(t, program, filepath.Join(dir, "hub"))
	made := "widths = [400, 800]\nformats = [\"png\"]\n"
	const photos = 5
	for i := range photos {
		data, err := os.ReadFile(filepath.Join("..", "images", "scene.jpg"))
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []string{"alone", "watch", "again"} {
			write(t, filepath.Join(dir, who, "inbox", fmt.Sprintf("%d.jpg", i)), append(data, byte(i)))
		}
	}
	write(t, filepath.Join(dir, "alone", "config.toml"), []byte(made))
	pixmill(t, program, filepath.Join(dir, "alone"), 0, secretKey, "run")
	toHub, sent, got := through(server)
	watch := begin(t, program, filepath.Join(dir, "watch"), made+"[dashboard]\nlisten = \"\"\n"+toHub, secretKey, "watch", "--cluster")
	toHub, back, _ := through(server)
	worker := begin(t, program, filepath.Join(dir, "worker"), toHub, secretKey, "worker")
	eventually(t, "the photos", func() bool { return strings.Count(watch.said(watch.stdout), "\n") == photos })
	watch.end(t)
	worker.end(t)

	want, here := files(t, filepath.Join(dir, "alone", "output")), files(t, filepath.Join(dir, "watch", "output"))
	if len(want) != 2*photos || !maps.Equal(want, here) {
		t.Errorf("made %v, want %v", here, want)
	}
	if left := files(t, filepath.Join(dir, "served", "photos")); len(left) != 0 || len(puts()) != 2*photos {
		t.Errorf("%d objects were put, there are still %v", len(puts()), left)
	}
	t.Logf("watching side to the hub %d bytes, from it %d, workers to the hub %d; %d requests", sent.Load(), got.Load(), back.Load(), asked.Load())
	if n := sent.Load() + got.Load() + back.Load(); n > photos*50_000 {
		t.Errorf("the hub carried %d bytes", n)
	}
	if n := asked.Load(); n != photos*7 { // has, put, get, remove; put, get, remove
		t.Errorf("%d requests", n)
	}

	// A server that now fails and now does not answer is asked until all is done, and holds nothing afterwards either.
	server, asked = faulty(t, plain)
	toHub, _, _ = through(server)
	watch = begin(t, program, filepath.Join(dir, "again"), made+"[dashboard]\nlisten = \"\"\n"+toHub, secretKey, "watch", "--cluster")
	begin(t, program, filepath.Join(dir, "worker"), toHub, secretKey, "worker")
	eventually(t, "the photos", func() bool { return strings.Count(watch.said(watch.stdout), "\n") == photos })
	watch.end(t)
	if here := files(t, filepath.Join(dir, "again", "output")); !maps.Equal(want, here) {
		t.Errorf("made %v, want %v", here, want)
	}
	if left := files(t, filepath.Join(dir, "served", "photos")); len(left) != 0 || asked.Load() < photos*8 {
		t.Errorf("after %d requests there are still %v", asked.Load(), left)
	}
}

// shown has the dashboard show outputs, which are in the bucket only.
func shown(t *testing.T, page string, want map[string]string) {
	t.Helper()
	eventually(t, "the dashboard", func() bool {
		c, err := net.Dial("tcp", page)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	get := func(path string) []byte {
		answer, err := http.Get("http://" + page + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		data, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, data)
		}
		return data
	}
	var list struct {
		Photos []struct {
			ID      int
			Outputs []struct {
				N            int
				Path, Format string
			}
		}
	}
	if err := json.Unmarshal(get("/api/v1/photos"), &list); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, p := range list.Photos {
		for _, o := range p.Outputs {
			if o.Format == "html" {
				continue
			}
			seen++
			sum := sha256.Sum256(get(fmt.Sprintf("/api/v1/photos/%d/outputs/%d", p.ID, o.N)))
			if hex.EncodeToString(sum[:]) != want[o.Path] {
				t.Errorf("the dashboard shows something else as %s", o.Path)
			}
		}
	}
	if seen != 36 {
		t.Errorf("the dashboard shows %d outputs", seen)
	}
}

// With [upload], the workers of a cluster bring outputs to the bucket, and only records travel back to who watches.
func TestClusterUploads(t *testing.T) {
	dir := t.TempDir()
	program := build(t, dir, "../..", ".")
	server, puts, asked := counted(t, serve(t, dir))
	place := fmt.Sprintf("[upload]\nurl = \"s3://photos/site?endpoint=%s&region=us-east-1\"\n", server)
	through := hub(t, program, filepath.Join(dir, "hub"))
	made := "widths = [100, 200, 400]\nformats = [\"jpeg\", \"png\"]\nsnippet = true\n"
	photos := map[string][]byte{}
	for i, name := range []string{"a.jpg", "a.png", "sub/b c+d#e.jpg", "sub/f.jpg", "g.jpg", "h.jpg"} {
		data, err := os.ReadFile(filepath.Join("..", "images", []string{"scene.jpg", "grey.jpg"}[i%2]))
		if err != nil {
			t.Fatal(err)
		}
		photos[name] = append(data, byte(i))
		write(t, filepath.Join(dir, "alone", "inbox", filepath.FromSlash(name)), photos[name])
	}
	write(t, filepath.Join(dir, "alone", "config.toml"), []byte(made))
	pixmill(t, program, filepath.Join(dir, "alone"), 0, secretKey, "run")

	toHub, sent, _ := through(server)
	watching := filepath.Join(dir, "watch")
	config := "[dashboard]\nlisten = \"\"\n" + place + toHub + "[pool]\nmax_attempts = 2\n"
	config = made + "manifest = \"photos.json\"\n" + config
	watch := begin(t, program, watching, config, secretKey, "watch", "--cluster")
	toHub, back, _ := through(server)
	workers := []*process{begin(t, program, filepath.Join(dir, "one"), place+toHub, secretKey, "worker"), begin(t, program, filepath.Join(dir, "two"), place+toHub, secretKey, "worker")}
	for name, data := range photos {
		write(t, filepath.Join(watching, "inbox", filepath.FromSlash(name)), data)
	}
	lines := func() int { return strings.Count(watch.said(watch.stdout), "\n") }
	eventually(t, "the photos", func() bool { return lines() == len(photos) })
	watch.end(t)

	// What is up is what this machine would have made alone, each put once; here are only the pages.
	want, up, here := files(t, filepath.Join(dir, "alone", "output")), files(t, filepath.Join(dir, "served", "photos", "site")), files(t, filepath.Join(watching, "output"))
	var bytesUp int64
	for path, hash := range want {
		page := strings.HasSuffix(path, ".html")
		if up[path] != hash || puts()[path] != 1 {
			t.Errorf("%s: put %d times, not as it should be: %t", path, puts()[path], up[path] != hash)
		}
		if (here[path] != "") != page {
			t.Errorf("%s: in the output folder: %t", path, here[path] != "")
		}
		info, err := os.Stat(filepath.Join(dir, "alone", "output", filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		if !page {
			bytesUp += info.Size()
		}
	}
	var sources int64
	for _, data := range photos {
		sources += int64(len(data))
	}
	t.Logf("sources %d bytes, outputs %d; watching side to the hub %d, workers to the hub %d", sources, bytesUp, sent.Load(), back.Load())
	if bytesUp < 500_000 || back.Load() > bytesUp/5 {
		t.Errorf("workers sent %d bytes to the hub, and the outputs are %d", back.Load(), bytesUp)
	}
	for key := range files(t, filepath.Join(dir, "served", "photos")) {
		if strings.HasPrefix(key, "carried/") {
			t.Errorf("%s is still in the bucket", key)
		}
	}
	var listed struct {
		Photos []struct{ Outputs []struct{ URL string } }
	}
	text, err := os.ReadFile(filepath.Join(watching, "output", "photos.json"))
	if err == nil {
		err = json.Unmarshal(text, &listed)
	}
	if err != nil || len(listed.Photos) != len(photos) || len(listed.Photos[0].Outputs) != 6 {
		t.Errorf("the manifest lists %d photos: %v", len(listed.Photos), err)
	}

	// The next start makes nothing and asks nothing, with the cluster and without.
	before := asked.Load()
	if r := pixmill(t, program, watching, 0, secretKey, "run"); r.stdout != "" {
		t.Errorf("run makes %s", r.stdout)
	}
	if r := pixmill(t, program, watching, 0, secretKey, "check"); !strings.Contains(r.stdout, "0 images to make") {
		t.Errorf("check says %s", r.stdout)
	}
	if n := asked.Load() - before; n != 0 {
		t.Errorf("%d requests although everything is up", n)
	}

	// A worker that has no credentials declines.
	for _, w := range workers {
		w.end(t)
	}
	begin(t, program, filepath.Join(dir, "three"), "[pool]\nmax_backoff = \"200ms\"\n"+place+toHub, "", "worker")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	page := free.Addr().String()
	free.Close()
	config = strings.Replace(config, "listen = \"\"", fmt.Sprintf("listen = %q", page), 1)
	write(t, filepath.Join(watching, "inbox", "late.jpg"), bytes.Join([][]byte{photos["a.jpg"], {1}}, nil))
	watch = begin(t, program, watching, config, secretKey, "watch", "--cluster")
	shown(t, page, want)
	eventually(t, "the dead letter", func() bool { return lines() == 1 })
	if said := watch.said(watch.stdout); !strings.Contains(said, "late.jpg") || !strings.Contains(said, "dead: worker") || !strings.Contains(said, "there are no credentials") {
		t.Errorf("it says %s", said)
	}
	watch.end(t)
}
