package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentedTestsExist: what docs/ names as proof of a promise is there.
func TestDocumentedTestsExist(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			text, err := os.ReadFile(path)
			code.Write(text)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, page := range []string{"reliability.md", "security.md"} {
		text, err := os.ReadFile(filepath.Join("docs", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile("`((?:Test|Fuzz|Benchmark)[A-Za-z]+)`").FindAllStringSubmatch(string(text), -1) {
			if named++; !strings.Contains(code.String(), "func "+name[1]+"(") {
				t.Errorf("docs/%s names %s, which there is not", page, name[1])
			}
		}
	}
	if named < 30 {
		t.Errorf("only %d tests are named", named)
	}
}

// TestPromisesHaveTests: every row of reliability.md names a test or a script, and the scripts are there, too.
func TestPromisesHaveTests(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("docs", "reliability.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile("script `([^`]+)`").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.Join("testdata", "script", name[1]+".txtar")); err != nil {
			t.Error(err)
		}
	}
	names := regexp.MustCompile("`Test\\w+`|script `|the same;")
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, " |\n"), "|")
		last := strings.TrimSpace(cells[len(cells)-1])
		if len(cells) == 1 || strings.HasPrefix(last, "---") || last == "test" || last == "tests" {
			continue
		}
		if rows++; !names.MatchString(last) {
			t.Errorf("no test: %s", line)
		}
	}
	if rows < 25 {
		t.Errorf("only %d rows", rows)
	}
}
