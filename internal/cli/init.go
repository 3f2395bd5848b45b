package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"pixmill/internal/config"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a commented config.toml in this folder",
		Long:  "Write a config.toml with every key, its default and what it means. A file that is there already is never replaced.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := os.OpenFile(a.configFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usageError{fmt.Errorf("%s is there already: move it away first, or name another file with -c", a.configFile)}
			}
			if err != nil {
				return usageError{err}
			}
			_, err = f.WriteString(config.Template)
			if err = errors.Join(err, f.Close()); err != nil {
				return usageError{err}
			}
			fmt.Fprintln(a.stdout, "wrote", a.configFile)
			return nil
		},
	}
}
