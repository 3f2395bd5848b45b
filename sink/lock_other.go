//go:build !(linux || darwin || freebsd || netbsd || openbsd || windows)

package sink

import "os"

// tryLock has no lock here that ends with its process, and so takes none.
func tryLock(*os.File) error { return nil }
