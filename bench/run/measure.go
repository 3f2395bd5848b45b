package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// figures is what a process took, by the operating system's own account, its children included: their CPU time added, their memory
// that of the largest.
type figures struct {
	cpu, wall float64 // seconds
	rss       int64   // bytes
	out       int64   // bytes of all outputs
	files     int
}

// once runs a command with an empty folder for its outputs.
func (b *bench) once(command func(out string) []string) (figures, error) {
	dir, err := os.MkdirTemp(b.work, "run")
	if err != nil {
		return figures{}, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o755); err != nil {
		return figures{}, err
	}
	args := command(out)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	start := time.Now()
	if message, err := cmd.CombinedOutput(); err != nil {
		return figures{}, fmt.Errorf("%v: %w\n%s", args, err, message)
	}
	f := figures{wall: time.Since(start).Seconds(), cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
	f.rss = 1024 * cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	err = filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			f.out += info.Size()
			f.files++
		}
		return err
	})
	return f, err
}

// median of what each of the rounds gave.
func median(all []figures) figures {
	pick := func(of func(figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = of(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return figures{
		cpu:   pick(func(f figures) float64 { return f.cpu }),
		wall:  pick(func(f figures) float64 { return f.wall }),
		rss:   int64(pick(func(f figures) float64 { return float64(f.rss) })),
		out:   int64(pick(func(f figures) float64 { return float64(f.out) })),
		files: all[0].files,
	}
}
