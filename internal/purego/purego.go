// Package purego stands in for the module of that name, which go.mod replaces by this one: it opens no shared library.
//
// gen2brain's packages look for libwebp, libavif and libheif on the machine when the program starts, and the real purego makes
// a binary that needs the dynamic loader and glibc for that, even with CGO_ENABLED=0. pixmill takes nothing but the WebAssembly out of
// these packages, so that its bytes do not depend on what is installed, and stays one static binary, built with no tags.
package purego

import "errors"

// The flags are dlopen's; they say nothing here.
const (
	RTLD_NOW    = 0
	RTLD_GLOBAL = 0
)

// Dlopen always fails.
func Dlopen(path string, mode int) (uintptr, error) {
	return 0, errors.New("pixmill opens no shared libraries")
}

// RegisterLibFunc leaves the function nil.
func RegisterLibFunc(fptr any, handle uintptr, name string) {}

// NewCallback gives no address.
func NewCallback(fn any) uintptr { return 0 }
