package watcher

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

const openFlags = os.O_RDONLY

// askKernel opens the file once more without sharing it with writers, which fails while there is one.
func askKernel(f *os.File) writers {
	name, err := windows.UTF16PtrFromString(f.Name())
	if err != nil {
		return unknownWriters
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case err == nil:
		_ = windows.CloseHandle(h)
		return noWriter
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION):
		return someWriter
	}
	return unknownWriters
}
