package resize

import (
	"context"
	"errors"
)

// stopped is ctx's error, or the *TooLargeError when it was Limits.Time that ended it.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	if tooLarge := new(*TooLargeError); errors.As(context.Cause(ctx), tooLarge) {
		return *tooLarge
	}
	return ctx.Err()
}
