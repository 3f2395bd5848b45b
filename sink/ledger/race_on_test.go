//go:build race

package ledger

// underRace: where a quota is used up, writing SQLite's shared memory is a SIGBUS, which package sqlite recovers from; the race detector's
// runtime dies of it.
const underRace = true
