package background

import "golang.org/x/sys/windows"

// Lower puts this process into background mode: low CPU, I/O and memory priority. Errors leave the priority as it was.
func Lower() error {
	return windows.SetPriorityClass(windows.CurrentProcess(), windows.PROCESS_MODE_BACKGROUND_BEGIN)
}
