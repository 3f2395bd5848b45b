package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"pixmill/internal/pipeline"
	"pixmill/sink"
)

func TestEventsFollowTheState(t *testing.T) {
	h := newHouse(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+"/api/v1/events", nil)
	h.must(err)
	got, err := http.DefaultTransport.RoundTrip(r)
	h.must(err)
	defer got.Body.Close()
	if kind := got.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Error(kind)
	}
	lines := bufio.NewScanner(got.Body)
	next := func() (s State) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				h.must(json.Unmarshal([]byte(data), &s))
				return s
			}
		}
		t.Fatal("the stream ended", lines.Err())
		return s
	}
	if s := next(); s.Settled != 0 || s.Paused || s.Workers != 2 || s.Version != "test" || s.Memory.Budget != 1<<28 {
		t.Errorf("at first: %+v", s)
	}
	h.expect(200, "PUT", "/api/v1/intake", `{"paused":true}`)
	for !next().Paused {
	}
	h.expect(200, "PUT", "/api/v1/intake", `{"paused":false}`)
	h.drop("scene.jpg", "a.jpg")
	h.drop("truncated-50.jpg", "b.jpg")
	var s State
	for s = next(); s.Settled < 2; s = next() {
	}
	if s.Done.Images != 1 || s.Done.Files != 2 || s.Rejected != 1 || s.Done.Pixels != 1600*1200 || s.Done.In <= s.Done.Out {
		t.Errorf("at last: %+v", s)
	}
}

func TestNews(t *testing.T) {
	var n news
	n.tell() // to nobody
	first, too := n.next(), n.next()
	select {
	case <-first:
		t.Error("news of before")
	default:
	}
	n.tell()
	<-first
	<-too
	select {
	case <-n.next():
		t.Error("old news")
	default:
	}
}

func TestRateLooksBackSomeSeconds(t *testing.T) {
	var m monitor
	start := time.Unix(1_000_000, 0)
	done := pipeline.Report{Record: sink.Record{Status: sink.Done, SourceBytes: 1000, Width: 10, Height: 10}}
	for i := range 100 {
		m.heard(done, start.Add(time.Duration(i)*100*time.Millisecond))
	}
	if r := m.rate(start.Add(10 * time.Second)); r.Images != 10 || r.Bytes != 10_000 || r.Pixels != 1000 {
		t.Errorf("after ten a second: %+v", r)
	}
	if r := m.rate(start.Add(12 * time.Second)); r.Images <= 0 || r.Images >= 10 {
		t.Errorf("two seconds later: %+v", r)
	}
	if r := m.rate(start.Add(time.Minute)); r != (Rate{}) {
		t.Errorf("a minute later: %+v", r)
	}
	m.heard(pipeline.Report{Record: sink.Record{Status: sink.Dead}, Before: true}, start)
	if m.ended[sink.Dead] != 0 || m.ended[sink.Skipped] != 1 {
		t.Errorf("%+v", m.ended)
	}
}

func TestMetrics(t *testing.T) {
	h := newHouse(t, nil)
	h.drop("scene.jpg", "a.jpg")
	h.drop("truncated-50.jpg", "b.jpg")
	h.settled(2)
	problems, err := testutil.GatherAndLint(h.d.metrics.registry)
	h.must(err)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	body := h.expect(200, "GET", "/metrics", "").body
	for _, line := range []string{
		`pixmill_jobs_total{status="done"} 1`, `pixmill_jobs_total{status="rejected"} 1`, `pixmill_jobs_total{status="dead"} 0`,
		`pixmill_job_duration_seconds_count{stage="resize"} 2`, `pixmill_job_duration_seconds_bucket{stage="all",le="60"} 2`,
		"pixmill_queue_depth 0", "pixmill_jobs_in_flight 0", "pixmill_workers 2", "pixmill_workers_max 2", "pixmill_pixels_total 1.92e+06",
		"pixmill_memory_budget_bytes 2.68435456e+08", `pixmill_watch_events_total{kind="create"}`, `pixmill_bytes_total{direction="in"}`,
		`pixmill_build_info{`, "process_cpu_seconds_total", "go_goroutines",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("a scrape lacks %s:\n%s", line, body)
		}
	}
}

func TestSavingsAndFailures(t *testing.T) {
	h := newHouse(t, nil)
	h.drop("scene.jpg", "a.jpg")
	h.drop("truncated-50.jpg", "b.jpg")
	h.settled(2)
	var s Savings
	h.must(json.Unmarshal([]byte(h.expect(200, "GET", "/api/v1/savings", "").body), &s))
	if s.Total.Count != 1 || len(s.ByDay) != 1 || s.ByDay[0].Key != time.Now().Format(time.DateOnly) || len(s.ByVariant) != 2 || len(s.ByFormat) != 1 {
		t.Errorf("%+v", s)
	}
	table := strings.Split(strings.TrimSpace(h.expect(200, "GET", "/api/v1/savings.csv", "").body), "\n")
	if len(table) != 6 || table[0] != "by,key,count,source_bytes,output_bytes,saved_bytes" || !strings.HasPrefix(table[1], "total,all,1,") {
		t.Errorf("%q", table)
	}
	type list struct {
		Total    int
		Failures []Failure
	}
	failures := func() (l list) {
		h.must(json.Unmarshal([]byte(h.expect(200, "GET", "/api/v1/failures", "").body), &l))
		return l
	}
	before := failures()
	if before.Total != 1 || before.Failures[0].Source != "b.jpg" || before.Failures[0].Status != "rejected" {
		t.Fatalf("%+v", before)
	}
	h.expect(200, "POST", "/api/v1/failures/retry", `{"all":true}`) // it fails again
	h.settled(3)
	if after := failures(); after.Total != 1 || !after.Failures[0].Time.After(before.Failures[0].Time) {
		t.Errorf("%+v", after)
	}
	h.drop("grey.jpg", "b.jpg") // mended
	h.settled(4)
	h.until("the failure to be gone", func() bool { return failures().Total == 0 })
	h.drop("truncated-50.jpg", "c.jpg")
	h.settled(5)
	h.expect(200, "POST", "/api/v1/failures/dismiss", `{"all":true}`)
	if after := failures(); after.Total != 0 {
		t.Errorf("%+v", after)
	}
}
