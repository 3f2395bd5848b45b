package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pixmill/internal/cli"
)

const command = "pixmill"

// TestMain makes this test binary the pixmill command, too, and one that tells the time. Tests run at the top of the repository.
func TestMain(m *testing.M) {
	if name := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"); name != command && name != "clock" {
		if err := os.Chdir(filepath.Join("..", "..")); err != nil {
			panic(err)
		}
	}
	testscript.Main(m, map[string]func(){
		command: func() { os.Exit(cli.Main(os.Args)) },
		"clock": func() { fmt.Print(time.Now().Format(time.RFC3339)) },
	})
}
