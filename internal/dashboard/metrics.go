package dashboard

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"pixmill/internal/pipeline"
	"pixmill/sink"
)

// metrics are what Prometheus scrapes: counters and a histogram that grow with each report, and figures read at each scrape.
type metrics struct {
	registry *prometheus.Registry
	jobs     *prometheus.CounterVec
	stages   *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	pixels   prometheus.Counter
	outputs  prometheus.Counter
}

// stageBuckets are in seconds: from a header that is known to a minute of a giant.
var stageBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}

func newMetrics(d *Dashboard) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pixmill_jobs_total",
			Help: "Photos that came to an end, by status: done, rejected, dead, skipped; removed: their originals are gone."}, []string{"status"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "pixmill_job_duration_seconds", Buckets: stageBuckets,
			Help: "Time that a photo was in a stage: examine, wait, read, resize, write; all is the whole attempt."}, []string{"stage"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pixmill_bytes_total",
			Help: "Bytes of photos that are done (in), and of what was made of them (out)."}, []string{"direction"}),
		pixels:  prometheus.NewCounter(prometheus.CounterOpts{Name: "pixmill_pixels_total", Help: "Pixels of photos that are done."}),
		outputs: prometheus.NewCounter(prometheus.CounterOpts{Name: "pixmill_outputs_total", Help: "Files made."}),
	}
	for _, s := range []sink.Status{sink.Done, sink.Rejected, sink.Dead, sink.Skipped} {
		m.jobs.WithLabelValues(string(s))
	}
	for _, s := range pipeline.Stages {
		m.stages.WithLabelValues(string(s))
	}
	m.bytes.WithLabelValues("in")
	m.bytes.WithLabelValues("out")
	version := prometheus.NewGauge(prometheus.GaugeOpts{Name: "pixmill_build_info", Help: "1, with the version as its label.",
		ConstLabels: prometheus.Labels{"version": d.opts.Version, "goversion": goVersion()}})
	version.Set(1)
	registry := prometheus.Registerer(m.registry)
	if d.opts.Role != "" {
		registry = prometheus.WrapRegistererWith(prometheus.Labels{"role": d.opts.Role}, registry)
	}
	registry.MustRegister(m.jobs, m.stages, m.bytes, m.pixels, m.outputs, version, scraped{d},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func goVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.GoVersion
	}
	return ""
}

func (m *metrics) heard(r pipeline.Report) {
	m.jobs.WithLabelValues(string(ended(r))).Inc()
	if s := ended(r); s == sink.Skipped || s == sink.Removed {
		return
	}
	all := 0.0
	for _, s := range r.Stages {
		m.stages.WithLabelValues(string(s.Stage)).Observe(s.Time.Seconds())
		all += s.Time.Seconds()
	}
	m.stages.WithLabelValues("all").Observe(all)
	if r.Status != sink.Done {
		return
	}
	m.bytes.WithLabelValues("in").Add(float64(r.SourceBytes))
	m.bytes.WithLabelValues("out").Add(float64(r.OutputBytes))
	m.pixels.Add(float64(r.Width) * float64(r.Height))
	m.outputs.Add(float64(len(r.Outputs)))
}

// scraped reads figures that others keep.
type scraped struct{ d *Dashboard }

var (
	queueDepth  = prometheus.NewDesc("pixmill_queue_depth", "Photos that wait for a worker.", nil, nil)
	retrying    = prometheus.NewDesc("pixmill_jobs_retrying", "Photos that wait for another attempt.", nil, nil)
	inFlight    = prometheus.NewDesc("pixmill_jobs_in_flight", "Photos in work.", nil, nil)
	backlog     = prometheus.NewDesc("pixmill_backlog", "Photos known of that are not finished.", nil, nil)
	alive       = prometheus.NewDesc("pixmill_workers", "Workers that there are.", nil, nil)
	mostAlive   = prometheus.NewDesc("pixmill_workers_max", "Workers that there may be.", nil, nil)
	paused      = prometheus.NewDesc("pixmill_intake_paused", "1 while intake is paused, else 0.", nil, nil)
	budget      = prometheus.NewDesc("pixmill_memory_budget_bytes", "Budget for decoded pixels; 0 is no limit.", nil, nil)
	reserved    = prometheus.NewDesc("pixmill_memory_reserved_bytes", "Budget in use.", nil, nil)
	retries     = prometheus.NewDesc("pixmill_retries_total", "Attempts beyond a photo's first.", nil, nil)
	panics      = prometheus.NewDesc("pixmill_panics_total", "Panics that were contained.", nil, nil)
	watchEvents = prometheus.NewDesc("pixmill_watch_events_total", "Events of the inbox by kind.", []string{"kind"}, nil)
	watchFiles  = prometheus.NewDesc("pixmill_watch_files", "Files in the inbox.", nil, nil)
	watchScans  = prometheus.NewDesc("pixmill_watch_rescans_total", "Scans of the whole inbox.", nil, nil)
)

func (s scraped) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueDepth, retrying, inFlight, backlog, alive, mostAlive, paused, budget, reserved, retries, panics,
		watchEvents, watchFiles, watchScans} {
		c <- d
	}
}

func (s scraped) Collect(c chan<- prometheus.Metric) {
	state, pool, watched := s.d.State(), s.d.opts.Pipeline.Stats(), s.d.opts.Watched()
	gauge := func(d *prometheus.Desc, v float64) { c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	count := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge(queueDepth, float64(state.Queued))
	gauge(retrying, float64(state.Retrying))
	gauge(inFlight, float64(state.Busy))
	gauge(backlog, float64(state.Backlog))
	gauge(alive, float64(state.Alive))
	gauge(mostAlive, float64(state.Workers))
	if state.Paused {
		gauge(paused, 1)
	} else {
		gauge(paused, 0)
	}
	gauge(budget, float64(state.Memory.Budget))
	gauge(reserved, float64(state.Memory.Reserved))
	count(retries, float64(pool.Retries))
	count(panics, float64(pool.Panics))
	gauge(watchFiles, float64(watched.Known))
	count(watchScans, float64(watched.Rescans))
	for kind, n := range map[string]uint64{"create": watched.Created, "write": watched.Written, "remove": watched.Removed,
		"rename": watched.Renamed, "chmod": watched.Chmods, "overflow": watched.Overflows} {
		count(watchEvents, float64(n), kind)
	}
}
