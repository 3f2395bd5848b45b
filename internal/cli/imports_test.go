package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is the house: what each of pixmill's packages may import of the others. Imports point one way.
var mayImport = map[string][]string{
	"pixmill":                      {"internal/cli", "internal/sandbox"}, // the latter for tests only
	"pixmill/internal/e2e":         {"internal/cli", "sink/ledger"},
	"pixmill/packaging":            {"internal/cli"},
	"pixmill/internal/cli":         {"internal/background", "internal/cluster", "internal/cluster/hub", "internal/config", "internal/dashboard", "internal/delivery", "internal/notify", "internal/pipeline", "internal/sandbox", "watcher", "pool", "resize", "sink", "sink/ledger"},
	"pixmill/internal/background":  {},
	"pixmill/internal/cluster":     {"internal/cluster/hub", "internal/pipeline", "pool", "resize"},
	"pixmill/internal/cluster/hub": {},
	"pixmill/internal/config":      {},
	"pixmill/internal/dashboard":   {"internal/pipeline", "watcher", "pool", "resize", "sink", "sink/ledger"},
	"pixmill/internal/notify":      {"internal/delivery", "pool"},
	"pixmill/internal/delivery":    {"pool"},
	"pixmill/internal/pipeline":    {"watcher", "pool", "resize", "sink", "internal/smalldisk"}, // the latter for tests only
	"pixmill/internal/smalldisk":   {},
	"pixmill/internal/brink":       {},
	"pixmill/internal/sandbox":     {},
	"pixmill/watcher":              {},
	"pixmill/pool":                 {},
	"pixmill/resize":               {"resize/codec", "resize/codec/wasm", "resize/crop", "resize/finish", "resize/icc", "resize/jpeg", "resize/meta", "resize/perceptual", "resize/placeholder", "resize/resample"},
	"pixmill/resize/codec":         {"resize/codec/wasm", "resize/deflate", "resize/icc", "resize/meta", "resize/jpeg", "resize/png"},
	"pixmill/resize/codec/wasm":    {},
	"pixmill/resize/crop":          {},
	"pixmill/resize/deflate":       {},
	"pixmill/resize/finish":        {},
	"pixmill/resize/icc":           {},
	"pixmill/resize/jpeg":          {"internal/brink"}, // for tests only
	"pixmill/resize/png":           {"internal/brink"}, // for tests only
	"pixmill/resize/resample":      {"internal/brink"}, // for tests only
	"pixmill/resize/meta":          {},
	"pixmill/resize/perceptual":    {"resize/jpeg"}, // for tests only
	"pixmill/resize/placeholder":   {},
	"pixmill/sink":                 {"sink/ledger", "sink/manifest"},
	"pixmill/sink/manifest":        {},
	"pixmill/sink/ledger":          {"internal/smalldisk"}, // for tests only
}

func TestImportsPointOneWay(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("go is not to be had here, as in wine:", err)
	}
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "pixmill/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		allowed, known := mayImport[pkg.ImportPath]
		if !known {
			t.Errorf("%s has no place in the house: give it one in mayImport and docs/architecture.md", pkg.ImportPath)
		}
		for _, imported := range pkg.Imports {
			if imported == "html/template" || imported == "text/template" {
				t.Errorf("%s imports %s, for which the linker keeps all methods of all types: see page.go", pkg.ImportPath, imported)
			}
		}
		for _, imported := range slices.Concat(pkg.Imports, pkg.TestImports, pkg.XTestImports) {
			ours, found := strings.CutPrefix(imported, "pixmill/")
			if found && imported != pkg.ImportPath && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s: against the one-way rule of docs/architecture.md", pkg.ImportPath, imported)
			}
		}
	}
	if seen < len(mayImport) {
		t.Errorf("go list named %d packages, the house has %d", seen, len(mayImport))
	}
}
