package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// work is files in, widths and a format out.
type work struct {
	files  []string
	widths []int
	format string // "jpeg" "png"
}

func (w work) list() string {
	all := make([]string, len(w.widths))
	for i, n := range w.widths {
		all[i] = strconv.Itoa(n)
	}
	return strings.Join(all, ",")
}

// tool does a piece of work in one process, or in some that one shell starts, with its outputs in a folder.
type tool struct {
	name    string
	program string // that it needs
	command func(w work, out string) []string
}

// tools are pixmill and its peers. All resize by Lanczos3 to JPEG of quality 80 with optimised Huffman tables, or to PNG with their defaults.
func (b *bench) tools() []tool {
	pixmill := func(workers int, effort string) func(work, string) []string {
		return func(w work, out string) []string {
			config := fmt.Sprintf("widths = [%s]\nformats = [%q]\neffort = %q\noutput = %q\n", w.list(), w.format, effort, out)
			file := filepath.Join(filepath.Dir(out), "config.toml")
			if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
				panic(err)
			}
			args := []string{b.bin("pixmill"), "run", "-c", file, "--workers", strconv.Itoa(workers)}
			return append(args, w.files...)
		}
	}
	simple := func(program ...string) func(work, string) []string {
		return func(w work, out string) []string {
			return append(append(append([]string{}, program...), w.format, out, w.list()), w.files...)
		}
	}
	each := filepath.Join(b.root, "bench/peers/each.sh")
	sharp := filepath.Join(b.root, "bench/peers/sharp.mjs")
	return []tool{
		{"pixmill", "", pixmill(2, "fast")},
		{"pixmill, one worker", "", pixmill(1, "fast")},
		{"pixmill, balanced", "", pixmill(2, "balanced")},
		{"pixmill, small", "", pixmill(2, "small")},
		{"sharp, one decoding", "sharp", simple("node", sharp, "once")},
		{"sharp, clone()", "sharp", simple("node", sharp, "clone")},
		{"vipsthumbnail", "vipsthumbnail", simple(each, "vips")},
		{"GraphicsMagick", "gm", simple(each, "gm")},
		{"ImageMagick", "convert-im6.q16", simple(each, "im")},
		{"Pillow, draft()", "pillow", simple("/usr/bin/python3", filepath.Join(b.root, "bench/peers/pillow.py"))},
		{"imaging + the standard library", "", simple(b.bin("imaging"))},
	}
}

// present says whether a program that a tool needs is here.
func (b *bench) present(program string) bool {
	switch program {
	case "":
		return true
	case "sharp":
		_, err := os.Stat(filepath.Join(os.Getenv("SHARP"), "node_modules/sharp/package.json"))
		return err == nil
	case "pillow":
		return exec.Command("/usr/bin/python3", "-c", "import PIL").Run() == nil
	}
	_, err := exec.LookPath(program)
	return err == nil
}

func (b *bench) bin(name string) string { return filepath.Join(b.work, name) }
