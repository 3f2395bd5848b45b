package delivery

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// shelf answers as an S3 server does, for one object; testdata/s3 tries a real one.
type shelf struct {
	t      *testing.T
	status int // of the answer, instead of doing anything; 0: it does
	code   string
	locked bool // it wants MD5s
	got    *http.Request
	header http.Header
	body   []byte
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.got = r
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
		io.WriteString(w, "<Error><Code>"+s.code+"</Code><Message>Because.</Message></Error>")
		return
	}
	switch r.Method {
	case http.MethodPut:
		if s.locked && r.Header.Get("Content-Md5") == "" {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, "<Error><Code>InvalidRequest</Code><Message>Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters</Message></Error>")
			return
		}
		s.header, s.body = r.Header, body
		w.Header().Set("ETag", `"tag"`)
	case http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	case http.MethodHead, http.MethodGet:
		if s.header == nil {
			w.WriteHeader(http.StatusNotFound)
			if r.Method == http.MethodGet {
				io.WriteString(w, "<Error><Code>NoSuchKey</Code><Message>None.</Message></Error>")
			}
			return
		}
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Length", strconv.Itoa(len(s.body)))
		w.Header().Set("X-Amz-Meta-Sha256", s.header.Get("X-Amz-Meta-Sha256"))
		if r.Method == http.MethodGet {
			w.Write(s.body)
		}
	}
}

func newShelf(t *testing.T) (*shelf, *Bucket) {
	s := &shelf{t: t}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
	b, err := NewBucket(BucketOptions{Name: "photos", Prefix: "site/img", Endpoint: server.URL, Region: "us-east-1", PathStyle: true, CacheControl: "max-age=5"})
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func TestPut(t *testing.T) {
	s, b := newShelf(t)
	data := []byte("a picture")
	want := Object{Path: "2024/ä b.webp", Size: int64(len(data)), Hash: strings.Repeat("ab", 32)}
	if _, there, err := b.Has(t.Context(), want); there || err != nil {
		t.Errorf("before: %t, %v", there, err)
	}
	o, err := b.Put(t.Context(), want, bytes.NewReader(data))
	if err != nil || o.ETag != "tag" {
		t.Fatalf("got %+v, %v", o, err)
	}
	for key, want := range map[string]string{
		"Content-Type": "image/webp", "Cache-Control": "max-age=5", "X-Amz-Meta-Sha256": o.Hash,
		"X-Amz-Content-Sha256": o.Hash, "Content-Md5": "",
	} {
		if got := s.header.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if s.got.URL.Path != "/photos/site/img/2024/ä b.webp" || !bytes.Equal(s.body, data) {
		t.Errorf("%s: %q", s.got.URL.Path, s.body)
	}
	if got, there, err := b.Has(t.Context(), want); !there || err != nil || got.ETag != "tag" {
		t.Errorf("after: %+v, %t, %v", got, there, err)
	}
	want.Hash = strings.Repeat("cd", 32)
	if _, there, err := b.Has(t.Context(), want); there || err != nil {
		t.Errorf("another content: %t, %v", there, err)
	}
}

// A bucket with Object Lock wants an MD5, and gets it from the first refusal on.
func TestPutLocked(t *testing.T) {
	s, b := newShelf(t)
	s.locked = true
	data := []byte("a picture")
	sum := md5.Sum(data)
	for range 2 {
		_, err := b.Put(t.Context(), Object{Path: "a.jpg", Size: int64(len(data))}, bytes.NewReader(data))
		if got := s.header.Get("Content-Md5"); err != nil || got != base64.StdEncoding.EncodeToString(sum[:]) || !bytes.Equal(s.body, data) {
			t.Errorf("MD5 %q of %q, %v", got, s.body, err)
		}
		if got := s.header.Get("X-Amz-Content-Sha256"); got != "UNSIGNED-PAYLOAD" {
			t.Errorf("without a hash, it is signed as %s", got)
		}
	}
}

func TestOpen(t *testing.T) {
	s, b := newShelf(t)
	o := Object{Path: "a.jpg", Size: 9}
	if _, err := b.Open(t.Context(), o); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before: %v", err)
	}
	if _, err := b.Put(t.Context(), o, strings.NewReader("a picture")); err != nil {
		t.Fatal(err)
	}
	f, err := b.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if data, err := io.ReadAll(f); string(data) != "a picture" || err != nil {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := b.Open(t.Context(), Object{Path: "a.jpg", Size: 8}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of another size: %v", err)
	}
	s.status, s.code = 404, "NoSuchBucket"
	var refused *RefusedError
	if _, err := b.Open(t.Context(), o); !errors.As(err, &refused) {
		t.Errorf("without a bucket: %v", err)
	}
}

func TestDelete(t *testing.T) {
	s, b := newShelf(t)
	o := Object{Path: "a.html", Size: 1, CacheControl: "max-age=1"}
	if _, err := b.Put(t.Context(), o, strings.NewReader("x")); err != nil || s.header.Get("Cache-Control") != "max-age=1" {
		t.Errorf("cached as %q, %v", s.header.Get("Cache-Control"), err)
	}
	if err := b.Delete(t.Context(), o); err != nil || s.got.Method != http.MethodDelete || s.got.URL.Path != "/photos/site/img/a.html" {
		t.Errorf("%s %s, %v", s.got.Method, s.got.URL.Path, err)
	}
	for code, fine := range map[string]bool{"NoSuchKey": true, "NoSuchBucket": false} {
		s.status, s.code = 404, code
		if err := b.Delete(t.Context(), o); (err == nil) != fine {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// What a server refuses is not tried again; what may pass is. No message holds a secret.
func TestFaults(t *testing.T) {
	s, b := newShelf(t)
	for _, test := range []struct {
		status  int
		code    string
		refused bool
	}{
		{403, "AccessDenied", true},
		{404, "NoSuchBucket", true},
		{400, "InvalidDigest", true},
		{429, "TooManyRequests", false},
		{500, "InternalError", false},
		{503, "SlowDown", false},
	} {
		s.status, s.code = test.status, test.code
		_, err := b.Put(t.Context(), Object{Path: "a.jpg", Size: 1}, strings.NewReader("x"))
		var refused *RefusedError
		if err == nil || errors.As(err, &refused) != test.refused || !strings.HasSuffix(err.Error(), test.code+": Because") {
			t.Errorf("%d: refused %t, %v", test.status, errors.As(err, &refused), err)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Put(ctx, Object{Path: "a.jpg", Size: 1}, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// Nobody is there.
	b.opts.Endpoint = "http://127.0.0.1:1"
	gone, err := NewBucket(b.opts)
	if err != nil {
		t.Fatal(err)
	}
	_, err = gone.Put(t.Context(), Object{Path: "a.jpg", Size: 1}, strings.NewReader("x"))
	var refused *RefusedError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

// Credentials come from the environment, or from AWS's file.
func TestCredentials(t *testing.T) {
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_PROFILE"} {
		t.Setenv(key, "")
	}
	file := filepath.Join(t.TempDir(), "credentials")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	if _, err := NewBucket(BucketOptions{Name: "photos"}); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("without any: %v", err)
	}
	text := "[default]\naws_access_key_id = one\naws_secret_access_key = two\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := NewBucket(BucketOptions{Name: "photos", Prefix: "a"})
	if err != nil || b.String() != "s3://photos/a" {
		t.Errorf("by file: %v, %v", b, err)
	}
}

func TestContentType(t *testing.T) {
	for name, want := range map[string]string{"a.JPG": "image/jpeg", "b/a.avif": "image/avif", "a": "application/octet-stream"} {
		if got := contentType(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
