//go:build !unix

package cli

// writable knows only once it is tried: access lists say more than attributes.
func writable(string) error { return nil }
