package watcher

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const readFlags = os.O_RDONLY

// askKernel opens the file a second time without sharing it for writing, which fails with a sharing violation while
// anybody has it open for writing, and closes it at once.
func askKernel(f *os.File) writer {
	name, err := windows.UTF16PtrFromString(f.Name())
	if err != nil {
		return unsaid
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err == nil {
		windows.CloseHandle(h)
		return nobody
	}
	if inUse(err) {
		return writing
	}
	return unsaid
}

// inUse tells an error of opening that means that somebody is writing: who shares the file with nobody does.
func inUse(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

// remote: the events of ReadDirectoryChangesW come from the server where the folder is on one.
func remote(string) bool { return false }
