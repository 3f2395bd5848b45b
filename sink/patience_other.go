//go:build !windows

package sink

// patiently: elsewhere nobody holds a file's name by having it open.
func patiently(do func() error) error { return do() }
