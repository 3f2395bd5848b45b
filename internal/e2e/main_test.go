package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"pixmill/internal/cli"
)

const command = "pixmill"

// TestMain makes this test binary the pixmill command, too. Tests run at the top of the repository.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != command {
		if err := os.Chdir(filepath.Join("..", "..")); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){command: func() { os.Exit(cli.Main(os.Args)) }})
}
