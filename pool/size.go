package pool

import "runtime"

// Kind is what a job spends its time on.
type Kind int

const (
	CPUBound Kind = iota // computes: resizing, encoding
	IOBound              // waits: uploads, notifications
	Mixed                // some of both
)

// SizeFor is how many workers suit jobs of a kind: one per CPU that Go may use for CPUBound, four for IOBound, two for Mixed. A
// limit above 0, such as the connections that a server grants, is not exceeded.
func SizeFor(kind Kind, limit int) int {
	n := runtime.GOMAXPROCS(0)
	switch kind {
	case IOBound:
		n *= 4
	case Mixed:
		n *= 2
	}
	if limit > 0 {
		n = min(n, limit)
	}
	return n
}
