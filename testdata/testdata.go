// Package testdata holds the images that pixmill's tests read, and no code: images/ is written by the generator in
// gen/, a module of its own so that its encoders stay out of pixmill's go.mod. README.md, written by the same
// generator, says what each image is for. After a change of the generator, from the top of the repository:
//
//	go generate ./testdata
package testdata

//go:generate go run -C gen -tags nodynamic . ..
