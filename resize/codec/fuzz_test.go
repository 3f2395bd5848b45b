package codec

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"pixmill/resize/meta"
)

// addImages seeds a fuzz target with the test images that a pattern names, the small ones.
func addImages(f *testing.F, pattern string, add func([]byte)) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "images", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("%s: %d images, %v", pattern, len(files), err)
	}
	for _, file := range files {
		if src, err := os.ReadFile(file); err == nil && len(src) < 10_000 {
			add(src)
		}
	}
}

// FuzzFrames: an animation has as many pictures as its headers were probed for, all of its size, or an error says why not.
func FuzzFrames(f *testing.F) {
	addImages(f, "*.gif", func(src []byte) { f.Add(src) })
	addImages(f, "*.webp", func(src []byte) { f.Add(src) })
	f.Fuzz(func(t *testing.T, src []byte) {
		c := Find(Sniff(src))
		if c == nil || c.Frames == nil {
			return
		}
		info, err := c.Probe(NewHeader(bytes.NewReader(src), int64(len(src))))
		if err != nil || info.Truncated || info.Frames < 2 || info.Width*info.Height*info.Frames > 1<<20 {
			return
		}
		w, h := info.Stored()
		shown := 0
		err = c.Frames(&Source{Data: src}, info, func(p Frame) error {
			shown++
			if size := p.Image.Rect.Size(); size.X != w || size.Y != h || p.Delay < 0 {
				t.Errorf("picture %d of %d×%d is %v, for %s", shown, w, h, size, p.Delay)
			}
			return nil
		})
		if shown > info.Frames || err == nil && shown != info.Frames {
			t.Errorf("%d of %d pictures: %v", shown, info.Frames, err)
		}
	})
}

// FuzzBoxes: of a HEIF whose headers are sound, what they say is; no box is walked twice.
func FuzzBoxes(f *testing.F) {
	addImages(f, "*.avif", func(src []byte) { f.Add(src[:min(len(src), 600)]) })
	f.Add([]byte("\x00\x00\x00\x14ftypheic\x00\x00\x00\x00mif1\x00\x00\x00\x08meta"))
	f.Fuzz(func(t *testing.T, src []byte) {
		p := newHEIF(NewHeader(bytes.NewReader(src), int64(len(src))))
		err := p.top()
		if err == nil {
			_, err = p.primary()
		}
		if c := p.clean; err == nil && c.w > 0 && (c.x < 0 || c.y < 0 || c.x+c.w > p.w || c.y+c.h > p.h) {
			t.Errorf("%+v is to be seen of %d×%d", c, p.w, p.h)
		}
		if o := p.turn.exif(); o < meta.Upright || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

// FuzzSequenceParameters: any bits are read to an end.
func FuzzSequenceParameters(f *testing.F) {
	f.Add([]byte("\x42\x01\x01\x03\x70\x00\x00\x03\x00\x90\x00\x00\x03\x00\x00\x03\x00\x1e\xa0\x14\x20\x41\xcd"))
	f.Add([]byte("\x00\x00\x03\x00\x00\x03"))
	f.Fuzz(func(t *testing.T, unit []byte) {
		if c, ok := spsColour(unit); ok && (c.transfer < 0 || c.transfer > 255 || c.matrix < 0 || c.matrix > 255) {
			t.Errorf("%+v", c)
		}
	})
}
