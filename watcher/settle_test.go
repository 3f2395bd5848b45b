package watcher

import (
	"testing"
	"time"
)

func TestComplete(t *testing.T) {
	const settle = time.Second
	for name, test := range map[string]struct {
		sight sight
		want  bool
	}{
		"a writer, whatever else":       {sight{writing, whole, 100, time.Hour}, false},
		"nobody writes, whole":          {sight{nobody, whole, 100, 0}, true},
		"nobody writes, no end marker":  {sight{nobody, unclear, 100, 0}, true},
		"nobody writes, cut":            {sight{nobody, cut, 100, settle - 1}, false},
		"nobody writes, cut, at rest":   {sight{nobody, cut, 100, settle}, true},
		"nobody writes, empty":          {sight{nobody, unclear, 0, settle - 1}, false},
		"nobody writes, empty, at rest": {sight{nobody, unclear, 0, settle}, true},
		"silent kernel, whole":          {sight{unsaid, whole, 100, 0}, true},
		"silent kernel, cut":            {sight{unsaid, cut, 100, settle - 1}, false},
		"silent kernel, cut, at rest":   {sight{unsaid, cut, 100, settle}, true},
		"silent kernel, no end marker":  {sight{unsaid, unclear, 100, settle - 1}, false},
		"silent kernel, at rest":        {sight{unsaid, unclear, 100, settle}, true},
		"silent kernel, empty":          {sight{unsaid, unclear, 0, settle - 1}, false},
	} {
		if got := test.sight.complete(settle); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestPauses(t *testing.T) {
	var sum, pause time.Duration
	for range 7 {
		pause = longer(pause)
		sum += pause
	}
	if longer(0) != firstPause || pause != lastPause || longer(pause) != lastPause || sum > time.Second {
		t.Errorf("first %v, seventh %v, together %v", longer(0), pause, sum)
	}
}
