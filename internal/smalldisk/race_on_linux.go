//go:build race

package smalldisk

const underRace = true
