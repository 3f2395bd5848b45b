//go:build !linux && !darwin && !windows

package background

import "errors"

// Lower is not known for this system.
func Lower() error { return errors.ErrUnsupported }
