package resize

import "context"

// stopped is ctx's error, or the *TooLargeError when Limits.Time is used up.
func stopped(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c, ok := ctx.Value(clockKey{}).(*clock); ok {
		return c.check()
	}
	return nil
}
