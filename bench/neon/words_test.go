package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	definition  = regexp.MustCompile(`(?m)^#define (\w+)\(([^)]*)\) +WORD .*// (.+)$`)
	instruction = regexp.MustCompile(`\t([0-9a-f]{8})\t.*// (.*)$`)
	parameter   = regexp.MustCompile(`\b[dnmis]\b`)
)

// Every word of the neon_arm64.h files is the instruction that is written behind it, whatever its arguments: as Go's disassembler reads
// it, and as binutils' does where it is installed (Debian: binutils-aarch64-linux-gnu).
func TestWords(t *testing.T) {
	headers, err := filepath.Glob("../../resize/*/neon_arm64.h")
	if err != nil || len(headers) == 0 {
		t.Fatalf("no headers: %v", err)
	}
	for _, header := range headers {
		text, err := os.ReadFile(header)
		if err != nil {
			t.Fatal(err)
		}
		var source, want []string
		for _, d := range definition.FindAllStringSubmatch(string(text), -1) {
			for turn := range 8 {
				values := map[string]int{"d": 31 - turn, "n": 5 + 3*turn, "m": 15 - 2*turn, "i": turn, "s": 1 + turn}
				var arguments []string
				for _, p := range strings.Split(d[2], ", ") {
					arguments = append(arguments, strconv.Itoa(values[p]))
				}
				source = append(source, fmt.Sprintf("\t%s(%s)", d[1], strings.Join(arguments, ", ")))
				want = append(want, parameter.ReplaceAllStringFunc(d[3], func(p string) string {
					if p == "d" || p == "n" || p == "m" {
						return fmt.Sprint("v", values[p])
					}
					return fmt.Sprint(values[p])
				}))
			}
		}
		if defines := bytes.Count(text, []byte("#define")); len(want) != 8*defines {
			t.Errorf("%s: %d of %d definitions are understood", header, len(want)/8, defines)
		}
		words, got := disassemble(t, header, source)
		for _, texts := range [][]string{got, binutils(t, words)} {
			for i, s := range texts {
				if i >= len(want) || s != want[i] {
					t.Errorf("%s:%s is %q, not %q", header, source[i], s, want[i])
				}
			}
		}
	}
}

// disassemble returns the words of the instructions and Go's reading of them.
func disassemble(t *testing.T, header string, source []string) (words []uint32, texts []string) {
	t.Helper()
	dir := t.TempDir()
	file, object := filepath.Join(dir, "words.s"), filepath.Join(dir, "words.o")
	absolute, err := filepath.Abs(header)
	if err != nil {
		t.Fatal(err)
	}
	program := fmt.Sprintf("#include \"%s\"\nTEXT ·words(SB), 4, $0-0\n%s\n\tRET\n", filepath.ToSlash(absolute), strings.Join(source, "\n"))
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	assemble := exec.Command("go", "tool", "asm", "-p", "words", "-o", object, file)
	assemble.Env = append(os.Environ(), "GOARCH=arm64")
	if out, err := assemble.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	listing, err := exec.Command("go", "tool", "objdump", "-gnu", object).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(listing)) {
		m := instruction.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || len(words) == len(source) {
			continue
		}
		word, err := strconv.ParseUint(m[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		words, texts = append(words, uint32(word)), append(texts, strings.TrimSpace(m[2]))
	}
	if len(words) != len(source) {
		t.Fatalf("%s: %d instructions of %d", header, len(words), len(source))
	}
	return words, texts
}

// binutils is the reading of GNU's disassembler, nothing where there is none.
func binutils(t *testing.T, words []uint32) (texts []string) {
	t.Helper()
	tool, err := exec.LookPath("aarch64-linux-gnu-objdump")
	if err != nil {
		t.Log("aarch64-linux-gnu-objdump is not here: Go's disassembler alone was asked")
		return nil
	}
	file := filepath.Join(t.TempDir(), "words")
	var raw []byte
	for _, w := range words {
		raw = binary.LittleEndian.AppendUint32(raw, w)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	listing, err := exec.Command(tool, "-D", "-b", "binary", "-m", "aarch64", "--no-show-raw-insn", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^ +[0-9a-f]+:\t(.*)$`).FindAllStringSubmatch(string(listing), -1) {
		texts = append(texts, strings.ReplaceAll(strings.TrimSpace(m[1]), "\t", " "))
	}
	if len(texts) != len(words) {
		t.Fatalf("%d lines for %d words", len(texts), len(words))
	}
	return texts
}
