package dashboard

import (
	"encoding/json"
	"io"
	"testing"
	"time"

	"pixmill/internal/pipeline"
	"pixmill/sink"
)

// BenchmarkHeard is what each photo pays for the dashboard while nobody looks.
func BenchmarkHeard(b *testing.B) {
	d := New(Options{})
	r := pipeline.Report{Record: sink.Record{Source: "a.jpg", Status: sink.Done, SourceBytes: 1e6, OutputBytes: 1e5, Width: 4032, Height: 3024}}
	for _, s := range pipeline.Stages {
		r.Stages = append(r.Stages, pipeline.StageTime{Stage: s, Time: time.Millisecond})
	}
	for b.Loop() {
		d.Heard(r)
	}
}

// BenchmarkState is what an open page costs five times a second.
func BenchmarkState(b *testing.B) {
	h := newHouse(b, nil)
	for b.Loop() {
		if err := json.NewEncoder(io.Discard).Encode(h.d.State()); err != nil {
			b.Fatal(err)
		}
	}
}
