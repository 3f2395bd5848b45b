//go:build !windows

package background

const needsAnswers = false
