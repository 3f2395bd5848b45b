//go:build !linux && !windows && !darwin

package watcher

// remote: a folder on a server is not told from one of our own here; write mode = "poll" for it.
func remote(string) bool { return false }
