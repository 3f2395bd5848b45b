// Command neon counts the instructions that the engine's kernels take as an arm64 program, under qemu, NEON beside the generic functions:
// a figure that does not depend on the machine, but is no time either.
//
//	go run -C bench ./neon [PATTERN]   (of packages and benchmarks; none: all)
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var packages = []string{"resample", "jpeg", "png"}

// kernels are the benchmarks that have a fastest form; n is how many samples they make.
var kernels = regexp.MustCompile(`(?m)^(BenchmarkKernels/\S+/n=(\d+)/form=)fast\b`)

func main() {
	log.SetFlags(0)
	pattern := regexp.MustCompile(strings.Join(os.Args[1:], "|"))
	work, err := os.MkdirTemp("", "neon")
	if err != nil {
		log.Fatal(err)
	}
	err = count(pattern, work)
	os.RemoveAll(work)
	if err != nil {
		log.Fatal(err)
	}
}

func count(pattern *regexp.Regexp, work string) error {
	fmt.Println("| kernel | instructions a sample, generic | NEON | |\n|---|---|---|---|")
	for _, name := range packages {
		list, err := run("", "go", "test", "-C", "..", "-run", "^$", "-bench", "^BenchmarkKernels$", "-benchtime", "1x", "-cpu", "1", "./resize/"+name)
		if err != nil {
			return err
		}
		program := filepath.Join(work, name)
		if _, err := run("arm64", "go", "test", "-C", "..", "-c", "-o", program, "./resize/"+name); err != nil {
			return err
		}
		section, err := text(program, "pixmill/resize/"+name+".")
		if err != nil {
			return err
		}
		for _, m := range kernels.FindAllStringSubmatch(string(list), -1) {
			if !pattern.MatchString(name + " " + m[1]) {
				continue
			}
			samples, err := strconv.Atoi(m[2])
			if err != nil {
				return err
			}
			var each [2]float64
			for i, form := range []string{"generic", "fast"} {
				n, err := instructions(program, section, m[1]+form)
				if err != nil {
					return err
				}
				each[i] = float64(n) / float64(samples)
			}
			kernel := strings.TrimSuffix(strings.TrimPrefix(m[1], "BenchmarkKernels/kernel="), "/form=")
			fmt.Printf("| %s: %s | %.2f | %.2f | %.1f × |\n", name, kernel, each[0], each[1], each[0]/each[1])
		}
	}
	return nil
}

func run(goarch string, command ...string) ([]byte, error) {
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if goarch != "" {
		c.Env = append(c.Env, "GOARCH="+goarch)
	}
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, out)
	}
	return out, nil
}

// text is where the functions of a package lie in a program, as qemu's -dfilter wants it.
func text(program, prefix string) (string, error) {
	symbols, err := run("", "go", "tool", "nm", "-size", program)
	if err != nil {
		return "", err
	}
	var from, to uint64
	for line := range strings.Lines(string(symbols)) {
		var at, size uint64
		var kind, name string
		if n, _ := fmt.Sscanf(line, "%x %d %s %s", &at, &size, &kind, &name); n != 4 || !strings.EqualFold(kind, "t") || !strings.HasPrefix(name, prefix) {
			continue
		}
		if from == 0 || at < from {
			from = at
		}
		to = max(to, at+size-1)
	}
	if from == 0 {
		return "", fmt.Errorf("%s has no function %s…", program, prefix)
	}
	return fmt.Sprintf("%#x..%#x", from, to), nil
}

// instructions is how many of the section one turn of a benchmark takes: what two turns take more than one.
func instructions(program, section, benchmark string) (int, error) {
	one, err := traced(program, section, benchmark, 1)
	if err != nil {
		return 0, err
	}
	two, err := traced(program, section, benchmark, 2)
	return two - one, err
}

// traced runs a benchmark so many turns, each instruction translated by itself and told of when it is run.
func traced(program, section, benchmark string, turns int) (int, error) {
	var levels []string
	for level := range strings.SplitSeq(benchmark, "/") {
		levels = append(levels, "^"+regexp.QuoteMeta(level)+"$")
	}
	c := exec.Command("qemu-aarch64-static", "-singlestep", "-d", "exec,nochain", "-dfilter", section, program,
		"-test.run", "^$", "-test.bench", strings.Join(levels, "/"), "-test.benchtime", fmt.Sprint(turns, "x"), "-test.cpu", "1")
	c.Dir = filepath.Join("..", "resize", filepath.Base(program))
	var out bytes.Buffer
	c.Stdout = &out
	trace, err := c.StderrPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("qemu-user-static is needed: %w", err)
	}
	n := 0
	lines := bufio.NewScanner(trace)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "Trace ") {
			n++
		}
	}
	if err := cmp.Or(lines.Err(), c.Wait()); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", benchmark, err, out.String())
	}
	if !slices.ContainsFunc(strings.Fields(out.String()), func(s string) bool { return s == benchmark }) {
		return 0, fmt.Errorf("%s: not run: %s", benchmark, out.String())
	}
	return n, nil
}
