// Command effort compares encoders, of JPEG first of all, by the bytes they need for one quality, and by the CPU time they take.
//
// Distance is what Butteraugli says: the 3-norm of its map of differences, as butteraugli_main prints it (0 is identical).
// With -metric ssimulacra2, where a program of that name is installed, it is 100 less its score. Each encoder writes every
// picture at a ladder of qualities; log(bytes) is interpolated linearly over log(distance), and read where
// cjpeg -optimize stands at the anchors. run.sh installs what this needs, and makes the pictures.
//
//	go run -C bench ./effort -pictures DIR
package main

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	folder := flag.String("pictures", "", "folder of PNG pictures, of 8-bit sRGB")
	tools := flag.String("tools", "", "names of encoders, with commas between; all there are if empty")
	ladder := flag.String("qualities", "50,60,65,70,75,80,85,90,93,95", "qualities to encode at")
	anchors := flag.String("anchors", "70,80,90", "qualities of cjpeg -optimize whose 3-norm is to be reached")
	metric := flag.String("metric", "butteraugli", "butteraugli or ssimulacra2")
	details := flag.Bool("details", false, "print every file, too")
	flag.Parse()
	distance, ok := metrics[*metric]
	if !ok {
		fmt.Fprintln(os.Stderr, "effort: there is no metric", *metric)
		os.Exit(2)
	}
	if err := run(*folder, *tools, *ladder, *anchors, distance, *details); err != nil {
		fmt.Fprintln(os.Stderr, "effort:", err)
		os.Exit(1)
	}
}

// A result is one file.
type result struct {
	quality  int
	bytes    int
	distance float64
	cpu      time.Duration // of one encoding
}

func run(folder, tools, ladder, anchors string, distance metric, details bool) error {
	qualities, err := numbers(ladder)
	if err != nil {
		return err
	}
	reference, err := numbers(anchors)
	if err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*.png"))
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("no PNG pictures in %q", folder)
	}
	work, err := os.MkdirTemp("", "effort")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	encoders := pick(tools)
	all := map[string][][]result{} // by tool and picture
	var pictures []*picture
	for _, path := range paths {
		p, err := load(path, work)
		if err != nil {
			return err
		}
		pictures = append(pictures, p)
		for _, e := range encoders {
			results, err := measure(e, p, qualities, distance, work)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", e.name, p.name, err)
			}
			all[e.name] = append(all[e.name], results)
			if details {
				for _, r := range results {
					fmt.Printf("%-22s %-28s q%-3d %8d bytes  distance %.4f  %6.1f ms/MP\n", e.name, p.name, r.quality, r.bytes, r.distance, perMP(r, p))
				}
			}
		}
	}
	return table(encoders, pictures, all, reference)
}

func numbers(list string) ([]int, error) {
	var all []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("%q is not a list of numbers", list)
		}
		all = append(all, n)
	}
	return all, nil
}

func perMP(r result, p *picture) float64 {
	return float64(r.cpu.Microseconds()) / 1e3 / (float64(p.img.Rect.Dx()*p.img.Rect.Dy()) / 1e6)
}

func measure(e encoder, p *picture, qualities []int, distance metric, work string) ([]result, error) {
	files, err := e.encode(p, qualities)
	if err != nil {
		return nil, err
	}
	var results []result
	for i, f := range files {
		name, data, err := shown(f.data)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(work, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, err
		}
		d, err := distance(p.path, path)
		if err != nil {
			return nil, err
		}
		results = append(results, result{qualities[i], len(f.data), d, f.cpu})
	}
	return results, nil
}

// at is the size at which a ladder of files reaches a distance, in bytes; NaN outside the ladder.
func at(ladder []result, distance float64) float64 {
	sorted := slices.SortedFunc(slices.Values(ladder), func(a, b result) int { return int(math.Copysign(1, a.distance-b.distance)) })
	for i := range sorted[1:] {
		a, b := sorted[i], sorted[i+1]
		if a.distance <= distance && distance <= b.distance {
			share := math.Log(distance/a.distance) / math.Log(b.distance/a.distance)
			return math.Exp((1-share)*math.Log(float64(a.bytes)) + share*math.Log(float64(b.bytes)))
		}
	}
	return math.NaN()
}

// table prints ratios of sizes at equal distance, the mean over the pictures and each of them.
func table(encoders []encoder, pictures []*picture, all map[string][][]result, anchors []int) error {
	base := all[baseline]
	for _, quality := range anchors {
		fmt.Printf("\nbytes at the distance of %s -quality %d, as a share of its bytes\n\n", baseline, quality)
		fmt.Printf("| %-22s | mean  |", "encoder")
		for _, p := range pictures {
			fmt.Printf(" %s |", p.name)
		}
		fmt.Printf(" at quality | CPU ms/MP |\n|---|---|%s---|---|\n", strings.Repeat("---|", len(pictures)))
		for _, e := range encoders {
			var ratios []string
			sum, q, cpu := 0.0, 0.0, 0.0
			for i, p := range pictures {
				anchor := slices.IndexFunc(base[i], func(r result) bool { return r.quality == quality })
				if anchor < 0 {
					return fmt.Errorf("%s was not run at the anchor %d", baseline, quality)
				}
				distance := base[i][anchor].distance
				ratio := at(all[e.name][i], distance) / float64(base[i][anchor].bytes)
				sum += ratio
				ratios = append(ratios, fmt.Sprintf("%.3f", ratio))
				nearest := slices.MinFunc(all[e.name][i], func(a, b result) int {
					return int(math.Copysign(1, math.Abs(a.distance-distance)-math.Abs(b.distance-distance)))
				})
				q += float64(nearest.quality) / float64(len(pictures))
				cpu += perMP(nearest, p) / float64(len(pictures))
			}
			fmt.Printf("| %-22s | %.3f | %s | %.0f | %.1f |\n", e.name, sum/float64(len(pictures)), strings.Join(ratios, " | "), q, cpu)
		}
	}
	return nil
}

// pick returns the encoders of a list of names, and the baseline in any case.
func pick(names string) []encoder {
	if names == "" {
		return encoders
	}
	wanted := map[string]bool{baseline: true}
	for _, n := range strings.Split(names, ",") {
		wanted[n] = true
	}
	var picked []encoder
	for _, e := range encoders {
		if wanted[e.name] {
			picked = append(picked, e)
			delete(wanted, e.name)
		}
	}
	for _, n := range slices.Sorted(maps.Keys(wanted)) {
		fmt.Fprintln(os.Stderr, "effort: there is no encoder", n)
	}
	return picked
}
