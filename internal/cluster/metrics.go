package cluster

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pixmill/internal/pipeline"
)

// metrics are a worker's, for Prometheus. They have the names that the watching side's dashboard has for the same things, and the role as a label.
type metrics struct {
	jobs     *prometheus.CounterVec
	duration prometheus.Histogram
}

func (w *Worker) register(r prometheus.Registerer) {
	r = prometheus.WrapRegistererWith(prometheus.Labels{"role": w.conn.opts.Role}, r)
	w.metrics.jobs = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pixmill_jobs_total",
		Help: "Jobs that came to an end here, by status: done, rejected, failed (for another attempt)."}, []string{"status"})
	w.metrics.duration = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "pixmill_job_duration_seconds", Buckets: prometheus.ExponentialBuckets(0.01, 2, 13),
		Help: "Time from having a job to having delivered it."})
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	r.MustRegister(w.metrics.jobs, w.metrics.duration,
		gauge("pixmill_jobs_in_flight", "Jobs in hand.", func() float64 { return float64(w.Stats().InFlight) }),
		gauge("pixmill_workers", "Photos that may be resized at once.", func() float64 { return float64(cap(w.cpus)) }),
		gauge("pixmill_memory_reserved_bytes", "Budget in use.", func() float64 { return float64(w.pool.Stats().Budget) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "pixmill_build_info", Help: "1, with the version as its label.",
			ConstLabels: prometheus.Labels{"version": w.conn.opts.Version}}, func() float64 { return 1 }))
	for _, status := range []string{"done", "rejected", "failed"} {
		w.metrics.jobs.WithLabelValues(status)
	}
}

// Metrics serves what Prometheus scrapes.
func (w *Worker) Metrics() http.Handler {
	return promhttp.HandlerFor(w.registry, promhttp.HandlerOpts{})
}

// count takes note of how a job ended.
func (w *Worker) count(d Done) {
	status := "done"
	switch {
	case pipeline.Rejects(d.Err):
		status = "rejected"
	case d.Err != nil:
		status = "failed"
	}
	w.metrics.jobs.WithLabelValues(status).Inc()
	w.metrics.duration.Observe(d.Took.Seconds())
	w.opts.Report(d)
}
