// Package s3 tries pixmill's uploads on a real S3 server, versitygw, which keeps a bucket as a folder. It is a module of its own because
// the server brings a hundred others.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const accessKey, secretKey = "AKIAPIXMILLTEST", "0123456789-secret-9876543210"

// build makes a program in dir, or skips the test where the modules it takes are out of reach.
func build(t *testing.T, dir, from, pkg string) string {
	t.Helper()
	program := filepath.Join(dir, "program-"+filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-C", from, "-o", program, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "dial tcp") || strings.Contains(string(out), "no such host") {
			t.Skipf("%s cannot be built without its modules, and there is no network to get them: %s", pkg, out)
		}
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return program
}

// serve starts the server on a folder and returns its URL.
func serve(t *testing.T, dir string) string {
	t.Helper()
	program := build(t, dir, ".", "github.com/versity/versitygw/cmd/versitygw")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	free.Close()
	for _, folder := range []string{"served/photos", "meta"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--quiet", "--port", address, "posix", "--sidecar", filepath.Join(dir, "meta"), filepath.Join(dir, "served"))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+accessKey, "ROOT_SECRET_KEY="+secretKey)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 300 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return "http://" + address
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the server did not come up: %s", &said)
	return ""
}

// faulty stands before a server: of its requests, one in five is answered with 503, and one in seven not at all.
func faulty(t *testing.T, server string) (address string, asked *atomic.Int64) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	asked = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch n := asked.Add(1); {
		case n%5 == 0:
			http.Error(w, "", http.StatusServiceUnavailable)
		case n%7 == 0:
			panic(http.ErrAbortHandler)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

type run struct{ stdout, stderr string }

// pixmill runs the command in dir, with the credentials given.
func pixmill(t *testing.T, program, dir string, code int, secret string, args ...string) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+accessKey, "AWS_SECRET_ACCESS_KEY="+secret)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Run()
	r := run{stdout.String(), stderr.String()}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("pixmill %v: exit code %d, want %d\n%s%s", args, got, code, r.stdout, r.stderr)
	}
	if strings.Contains(r.stdout+r.stderr, secret) {
		t.Errorf("the secret is in the log:\n%s%s", r.stdout, r.stderr)
	}
	return r
}

// files are those below a folder, by path, as their hashes.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		rel, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(rel)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// put copies a test image into an inbox.
func put(t *testing.T, dir, image, name string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "images", image))
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// With mirror_deletes the bucket is what the output folders are, and the manifest names nothing else; of a pipeline that does not say so, nothing goes.
func TestBucketFollowsTheInbox(t *testing.T) {
	dir := t.TempDir()
	program := build(t, dir, "../..", ".")
	server, _ := faulty(t, serve(t, dir))
	config := func(quality int) {
		text := fmt.Sprintf(`
widths = [50]
quality = %d
mirror_deletes = true
manifest = "photos.json"
snippet = true
[[pipeline]]
name = "blog"
inbox = "blog/in"
output = "blog/out"
[[pipeline.variant]]
name = "v"
width = 60
path = "{dir}/{name}.{hash}.{ext}"
[[pipeline]]
name = "kept"
inbox = "kept/in"
output = "kept/out"
manifest = ""
snippet = false
mirror_deletes = false
[upload]
backoff = "10ms"
max_attempts = 20
url = "s3://photos/site?endpoint=%s&region=us-east-1"
`, quality, server)
		if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config(80)
	bucket := filepath.Join(dir, "served", "photos", "site")
	same := func(when string) {
		t.Helper()
		up, made := files(t, bucket), files(t, filepath.Join(dir, "output"))
		for path, hash := range files(t, filepath.Join(dir, "blog", "out")) {
			made["blog/"+path] = hash
		}
		for path, hash := range files(t, filepath.Join(dir, "kept", "out")) {
			made["kept/"+path] = hash
		}
		for path, hash := range made {
			if up[path] != hash {
				t.Errorf("%s: %s is not up as it stands", when, path)
			}
			delete(up, path)
		}
		for path := range up {
			t.Errorf("%s: %s is up, and stands nowhere", when, path)
		}
	}
	put(t, dir, "scene.jpg", "inbox/a.jpg")
	put(t, dir, "grey.jpg", "inbox/sub/b.jpg")
	put(t, dir, "scene.jpg", "blog/in/a.jpg")
	put(t, dir, "palette.png", "blog/in/b.png")
	put(t, dir, "palette.png", "kept/in/c.png")
	pixmill(t, program, dir, 0, secretKey, "run")
	same("made")
	if n := len(files(t, bucket)); n != 11 { // 5 outputs, 4 snippets, 2 manifests
		t.Errorf("%d files are up", n)
	}

	// Another recipe: what has another name then replaces what was.
	config(40)
	pixmill(t, program, dir, 0, secretKey, "run")
	same("made otherwise")

	// What leaves while nobody looks, and while the bucket is out of reach.
	for _, name := range []string{"inbox/a.jpg", "blog/in/b.png", "kept/in/c.png"} {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	before := files(t, bucket)
	r := pixmill(t, program, dir, 1, "another-secret", "run")
	if after := files(t, bucket); len(after) != len(before) || !strings.Contains(r.stderr, "not everything is gone that is to go: the next start goes on") {
		t.Errorf("%d files are up, %d before: %s", len(after), len(before), r.stderr)
	}
	r = pixmill(t, program, dir, 0, secretKey, "run")
	if !strings.Contains(r.stderr, "4 files were removed") {
		t.Errorf("what left: %s", r.stderr)
	}
	same("after some have left")
	if up := files(t, bucket); len(up) != 7 || up["kept/c-50w.png"] == "" || up["blog/photos.json"] == "" {
		t.Errorf("there are up: %v", up)
	}

	// Caches keep for a short time what changes under its name. The server keeps such headers in a folder beside the bucket.
	for path, want := range map[string]string{"photos.json": "public, max-age=60", "sub/b.jpg.html": "public, max-age=60", "sub/b-50w.jpg": "public, max-age=3600"} {
		got, err := os.ReadFile(filepath.Join(dir, "meta", "photos", "site", filepath.FromSlash(path), "meta", "cache-control"))
		if string(got) != want {
			t.Errorf("%s is cached as %q, want %q (%v)", path, got, want, err)
		}
	}
}

func TestUploads(t *testing.T) {
	dir := t.TempDir()
	program := build(t, dir, "../..", ".")
	server, asked := faulty(t, serve(t, dir))
	config := func(more string) {
		text := fmt.Sprintf("widths = [50, 100]\nformats = [\"jpeg\", \"webp\"]\n%s[upload]\nbackoff = \"10ms\"\nmax_attempts = 20\nurl = \"s3://photos/site/img?endpoint=%s&region=us-east-1\"\n", more, server)
		if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config("")
	for i, name := range []string{"scene.jpg", "grey.jpg", "palette.png", "ä b+c#d.jpg", "sub/deeper/e.jpg", "sub/f.jpg"} {
		put(t, dir, []string{"scene.jpg", "grey.jpg", "palette.png"}[i%3], "inbox/"+name)
	}
	same := func(when string) {
		t.Helper()
		made, up := files(t, filepath.Join(dir, "output")), files(t, filepath.Join(dir, "served", "photos", "site", "img"))
		if len(made) == 0 || len(made) != len(up) {
			t.Errorf("%s: %d outputs, %d objects", when, len(made), len(up))
		}
		for path, hash := range made {
			if up[path] != hash {
				t.Errorf("%s: %s is not up as it stands", when, path)
			}
		}
	}

	// What a server refuses is told, and not tried again and again.
	r := pixmill(t, program, dir, 1, "another-secret", "run")
	if strings.Count(r.stderr, "SignatureDoesNotMatch") != 1 || !strings.Contains(r.stderr, "24 outputs are not up") {
		t.Errorf("refused: %s", r.stderr)
	}
	// The next start brings up what lacks, through all failures.
	r = pixmill(t, program, dir, 0, secretKey, "run")
	if !strings.Contains(r.stderr, "24 files") || r.stdout != "" {
		t.Errorf("second start: %s%s", r.stdout, r.stderr)
	}
	same("after the second start")
	// The next one has nothing to ask for.
	before := asked.Load()
	pixmill(t, program, dir, 0, secretKey, "run")
	if n := asked.Load() - before; n != 0 {
		t.Errorf("%d requests although everything is up", n)
	}
	// Another recipe: what changed goes up again, and only that.
	config("quality = { jpeg = 50 }\n")
	r = pixmill(t, program, dir, 0, secretKey, "run")
	if !strings.Contains(r.stderr, "12 files") {
		t.Errorf("another quality: %s", r.stderr)
	}
	same("with another quality")
	// A ledger that is lost costs questions, and no upload.
	if err := os.RemoveAll(filepath.Join(dir, ".pixmill")); err != nil {
		t.Fatal(err)
	}
	before = asked.Load()
	r = pixmill(t, program, dir, 0, secretKey, "run")
	if n := asked.Load() - before; strings.Contains(r.stderr, "went to") || n < 24 {
		t.Errorf("without the ledger, %d requests: %s", n, r.stderr)
	}
}
