package cli

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pixmill/internal/notify"
)

// A batch with its failures reaches a webhook before `run` ends, through the sandbox's eyes: the port is one that the config names.
func TestWebhookOfARun(t *testing.T) {
	var (
		mu  sync.Mutex
		got []notify.Message
	)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m notify.Message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, m)
	}))
	defer hook.Close()
	folder := t.TempDir()
	write := func(name string, text []byte) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	photo, err := os.ReadFile("../../testdata/images/portrait.jpg")
	if err != nil {
		t.Fatal(err)
	}
	write("inbox/a.jpg", photo)
	write("inbox/b.jpg", photo[:len(photo)/2])
	write("config.toml", []byte("widths = [64]\n[notify]\nwebhook = \""+hook.URL+"/x\"\n"))
	if code := Main([]string{"pixmill", "run", "--no-sandbox", "-c", filepath.Join(folder, "config.toml")}); code != exitFailures {
		t.Errorf("exit code %d", code)
	}
	if len(got) != 1 {
		t.Fatalf("%d messages: %+v", len(got), got)
	}
	if m := got[0]; m.Kind != notify.Batch || m.Tally.Failed != 1 || !strings.Contains(m.Text, "b.jpg: ") || m.Tally.Images != 1 || m.Tally.Outputs != 1 {
		t.Errorf("%+v", m)
	}
}
