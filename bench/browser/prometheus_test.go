package browser

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestGrafanaQueriesInPrometheus lets a real Prometheus scrape a real pixmill, and asks it everything that docs/grafana.json asks.
func TestGrafanaQueriesInPrometheus(t *testing.T) {
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no Prometheus here: `apt-get install prometheus` brings it")
	}
	m := newMill(t, "")
	if promtool, err := exec.LookPath("promtool"); err == nil {
		check := exec.Command(promtool, "check", "metrics")
		check.Stdin = strings.NewReader(ours(m.ask("/metrics")) + "\n")
		if said, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool check metrics: %v\n%s", err, said)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	m.must(err)
	address := l.Addr().String()
	l.Close()
	config := fmt.Sprintf("scrape_configs:\n- job_name: pixmill\n  scrape_interval: 1s\n  static_configs:\n  - targets: [%q]\n", strings.TrimPrefix(m.url, "http://"))
	m.must(os.WriteFile(m.path("prometheus.yml"), []byte(config), 0o644))
	server := exec.Command(program, "--config.file="+m.path("prometheus.yml"), "--storage.tsdb.path="+m.path("tsdb"), "--web.listen-address="+address)
	m.must(server.Start())
	defer func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	}()
	ask := func(query string) (results int) {
		got, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(query))
		if err != nil {
			return 0
		}
		defer got.Body.Close()
		var answer struct {
			Status, Error string
			Data          struct{ Result []json.RawMessage }
		}
		if err := json.NewDecoder(got.Body).Decode(&answer); err != nil || answer.Status != "success" {
			if answer.Error != "" {
				t.Fatalf("%s: %s", query, answer.Error)
			}
			return 0
		}
		return len(answer.Data.Result)
	}
	m.until("Prometheus to scrape", func() bool { return ask("pixmill_workers") > 0 })
	m.copyTo("scene.jpg", "inbox", "a.jpg")
	m.until("the photo to be counted", func() bool { return ask(`pixmill_jobs_total{status="done"} == 1`) > 0 })

	text, err := os.ReadFile("../../docs/grafana.json")
	m.must(err)
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	m.must(json.Unmarshal(text, &board))
	asked := 0
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			query := strings.NewReplacer("$__rate_interval", "30s", "$instance", ".*").Replace(target.Expr)
			m.until("an answer to "+query+" of "+p.Title, func() bool { return ask(query) > 0 })
			asked++
		}
	}
	t.Logf("%d queries of %d panels answered", asked, len(board.Panels))
}

// ours is a scrape without what client_golang itself tells of Go and the process, which promtool has words for, too.
func ours(scrape string) string {
	var lines []string
	for _, line := range strings.Split(scrape, "\n") {
		if strings.Contains(line, "pixmill_") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
