package cli

import (
	"slices"
	"testing"
	"time"

	"pixmill/internal/dashboard"
)

func TestLiveLines(t *testing.T) {
	now := time.Unix(1000, 0)
	flight := dashboard.Flight{Source: "a\x1b[2Jb.jpg", Bytes: 3_200_000, Width: 4032, Height: 3024, Stage: "resize", Start: now.Add(-412 * time.Millisecond)}
	for _, c := range []struct {
		name  string
		state dashboard.State
		want  []string
	}{
		{"idle", dashboard.State{Workers: 2}, []string{"── waiting for photos"}},
		{"paused", dashboard.State{Workers: 2, Paused: true, Backlog: 1}, []string{"── intake is paused, 1 to go"}},
		{"at work", dashboard.State{
			Workers: 8, Busy: 6, Backlog: 1188, Rate: dashboard.Rate{Images: 14.2, Bytes: 5.1e6}, ETA: 83, Rejected: 1, Dead: 2,
			Done:     dashboard.Count{Images: 37, In: 12_000_000, Out: 1_200_000},
			InFlight: []dashboard.Flight{flight, flight, flight, flight, flight, flight},
		}, []string{
			"── 6 of 8 busy, 1,188 to go, 14.2 photos/s, 5.1 MB/s, 1m23s left; 37 done, 12 MB → 1.2 MB; 1 rejected; 2 failed",
			"   resize   a�[2Jb.jpg  4032×3024  3.2 MB  400ms",
			"   resize   a�[2Jb.jpg  4032×3024  3.2 MB  400ms",
			"   resize   a�[2Jb.jpg  4032×3024  3.2 MB  400ms",
			"   resize   a�[2Jb.jpg  4032×3024  3.2 MB  400ms",
			"   and 2 more",
		}},
	} {
		if got := liveLines(c.state, now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
