package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// escapes asks the console to understand escape sequences; false: it is too old.
func escapes(f *os.File) bool {
	var mode uint32
	h := windows.Handle(f.Fd())
	return windows.GetConsoleMode(h, &mode) == nil && windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
