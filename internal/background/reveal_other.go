//go:build !unix && !windows

package background

import (
	"context"
	"errors"
)

// CanReveal is not known for this system.
func CanReveal(context.Context) bool { return false }

// Reveal is not known for this system.
func Reveal(context.Context, string) error { return errors.ErrUnsupported }
