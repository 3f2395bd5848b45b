package icc

import (
	"os"
	"testing"
)

// BenchmarkTransform: a megapixel of noise, the worst for tables.
func BenchmarkTransform(b *testing.B) {
	const w, h = 1024, 1024
	noise := make([]byte, 4*w*h)
	seed := uint32(1)
	for i := range noise {
		seed = seed*1664525 + 1013904223
		noise[i] = byte(seed >> 24)
	}
	p3 := NewTransform(knownProfiles[1].profile())
	profile, err := os.ReadFile("testdata/inks.icc")
	if err != nil {
		b.Fatal(err)
	}
	inks := NewTransform(Parse(profile))
	for _, c := range []struct {
		name string
		pix  int
		run  func()
	}{
		{"samples=rgba", w * h, func() { p3.RGBA(noise) }},
		{"samples=gray", w * h, func() { p3.Gray(noise[:w*h]) }},
		{"samples=inks", w * h, func() { inks.Inks(noise) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(c.pix)) // MB/s are megapixels a second
			for b.Loop() {
				c.run()
			}
		})
	}
	b.Run("make=p3", func(b *testing.B) {
		for b.Loop() {
			NewTransform(knownProfiles[1].profile())
		}
	})
	b.Run("make=inks", func(b *testing.B) {
		for b.Loop() {
			NewTransform(Parse(profile))
		}
	})
	b.Run("parse=p3", func(b *testing.B) {
		src := knownProfiles[1].bytes()
		for b.Loop() {
			Parse(src)
		}
	})
}
