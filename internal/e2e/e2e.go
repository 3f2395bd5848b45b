// Package e2e holds pixmill to its promises from outside, over many lives of its process: killed at random moments, many at once, over a network
// that is cut. The scripts in testdata/script tell single stories; here chance writes them, by seed. There is nothing but tests.
package e2e
