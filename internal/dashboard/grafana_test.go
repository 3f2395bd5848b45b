package dashboard

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

var metricName = regexp.MustCompile(`\b(pixmill|process|go)_[a-z_]+`)

// TestGrafanaAsksForWhatThereIs holds docs/grafana.json against a scrape; bench/dashboard.sh runs its queries in a Prometheus.
func TestGrafanaAsksForWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../../docs/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, nil)
	h.drop("scene.jpg", "a.jpg")
	h.settled(1)
	scrape := h.expect(200, "GET", "/metrics", "").body
	asked := map[string]bool{}
	for _, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			for _, name := range metricName.FindAllString(target.Expr, -1) {
				asked[name] = true
				if !strings.Contains(scrape, "\n"+name+"{") && !strings.Contains(scrape, "\n"+name+" ") && name != "pixmill_build_info" {
					t.Errorf("%s: a scrape has no %s", p.Title, name)
				}
			}
		}
	}
	// and of our own metrics that are worth a look, each is on it
	for _, line := range strings.Split(scrape, "\n") {
		name, isType := strings.CutPrefix(line, "# TYPE pixmill_")
		if !isType {
			continue
		}
		name = "pixmill_" + strings.Fields(name)[0]
		if !asked[name] && !asked[name+"_bucket"] && !strings.Contains("pixmill_build_info pixmill_outputs_total pixmill_watch_files pixmill_watch_rescans_total", name) {
			t.Errorf("docs/grafana.json does not show %s", name)
		}
	}
}

// pageWeight is what may be transferred for the page, in bytes.
const pageWeight = 100_000

func TestPageIsLight(t *testing.T) {
	sum := 0
	for path, a := range assets() {
		if path != "/" { // which is /index.html
			sum += len(a.tiny)
		}
	}
	t.Logf("the page takes %d bytes", sum)
	if sum > pageWeight {
		t.Errorf("the page takes %d bytes, more than %d", sum, pageWeight)
	}
}
