package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the release this source leads to, see CHANGELOG.md; packages are built with theirs in its place.
var Version = "0.1.0-dev"

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		Run: func(*cobra.Command, []string) {
			fmt.Fprintln(a.stdout, version())
		},
	}
}

// version is what this binary is, in one line.
func version() string {
	return fmt.Sprintf("pixmill %s%s %s %s/%s", Version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision is the commit the binary was built from, where the Go tool knew it.
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var commit, dirty string
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = " (" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ", modified"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + dirty + ")"
}
