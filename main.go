// Command pixmill watches a folder and turns every photo dropped into it into all the sizes that its config names.
package main

import (
	"os"

	"pixmill/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args)) }
