package cli

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// availableMemory is the machine's memory in bytes, by GlobalMemoryStatusEx.
func availableMemory() int64 {
	var status struct {
		length, load                        uint32
		total, free                         uint64
		totalPage, freePage                 uint64
		totalVirtual, freeVirtual, extended uint64
	}
	status.length = uint32(unsafe.Sizeof(status))
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, _ := call.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return fallbackMemory
	}
	return int64(status.total)
}
