//go:build !unix

package watcher

import "io/fs"

// identityOf: a FileInfo does not show it here.
func identityOf(fs.FileInfo) identity { return identity{} }
