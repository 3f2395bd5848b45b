package codec

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"pixmill/resize/codec/wasm"
)

// moving is an animation for tests.
type moving struct {
	pictures []*image.NRGBA
	delays   []time.Duration
}

// frames decodes an animation, and holds what Probe says against what there is.
func frames(t testing.TB, data []byte) (moving, Info) {
	t.Helper()
	c := Find(Sniff(data))
	info, err := c.Probe(NewHeader(bytes.NewReader(data), int64(len(data))))
	if err != nil {
		t.Fatal(err)
	}
	var m moving
	err = c.Frames(&Source{Data: data}, info, func(f Frame) error {
		p := part(f.Image, f.Image.Rect)
		for i := 0; i < len(p.Pix); i += 4 {
			if p.Pix[i+3] == 0 { // whatever colour it has
				clear(p.Pix[i : i+4])
			}
		}
		m.pictures = append(m.pictures, p)
		m.delays = append(m.delays, f.Delay)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.pictures) != info.Frames {
		t.Fatalf("Probe found %d frames, there are %d", info.Frames, len(m.pictures))
	}
	return m, info
}

func (m moving) encode(t testing.TB, format string, plays int, s Settings) []byte {
	t.Helper()
	size := m.pictures[0].Rect.Size()
	a := Find(format).Animate(size.X, size.Y, plays, s)
	for i, p := range m.pictures {
		if err := a.Add(Frame{p, m.delays[i]}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := a.End()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sprites move over a ground that is transparent in places, leave it, stand still, and make room again: n pictures of few colours.
func sprites(w, h, n int) moving {
	rng := rand.New(rand.NewPCG(7, 8))
	var m moving
	for i := range n {
		p := image.NewNRGBA(image.Rect(0, 0, w, h))
		draw.Draw(p, image.Rect(w/4, 0, w, h), image.NewUniform(color.NRGBA{20, 90, 160, 255}), image.Point{}, draw.Src)
		if i%4 != 3 { // the fourth is the third without its sprite, so that it vanishes
			x, y := i*w/n, h/3
			for dy := range 9 {
				for dx := range 13 {
					p.SetNRGBA(x+dx, y+dy, color.NRGBA{uint8(40 * (dx % 5)), uint8(30 * (dy % 7)), uint8(i), 255})
				}
			}
		}
		if i%5 == 4 {
			p = part(m.pictures[i-1], p.Rect)
		}
		m.pictures = append(m.pictures, p)
		m.delays = append(m.delays, time.Duration(rng.IntN(30))*10*time.Millisecond)
	}
	return m
}

func same(t *testing.T, got, want moving) {
	t.Helper()
	if !slices.Equal(got.delays, want.delays) {
		t.Errorf("the delays are %v\nwant           %v", got.delays, want.delays)
	}
	if len(got.pictures) != len(want.pictures) {
		t.Fatalf("%d pictures, want %d", len(got.pictures), len(want.pictures))
	}
	for i, p := range got.pictures {
		if r := changed(p, want.pictures[i]); !r.Empty() {
			t.Fatalf("picture %d differs within %v: at its corner %v, want %v", i, r, p.At(r.Min.X, r.Min.Y), want.pictures[i].At(r.Min.X, r.Min.Y))
		}
	}
}

// TestAnimationsComeBack: what has few colours, and no half transparency, survives a GIF and a WebP without loss to the last pixel.
func TestAnimationsComeBack(t *testing.T) {
	for _, format := range []string{"gif", "webp"} {
		for _, plays := range []int{0, 1, 2, 7} {
			want := sprites(61, 37, 14)
			data := want.encode(t, format, plays, Settings{Quality: 100})
			got, info := frames(t, data)
			same(t, got, want)
			if info.Plays != plays || info.Width != 61 || info.Height != 37 {
				t.Errorf("%s: %d×%d plays %d times, want 61×37, %d", format, info.Width, info.Height, info.Plays, plays)
			}
		}
	}
}

func TestGIFAsOthersReadIt(t *testing.T) {
	want := sprites(61, 37, 14)
	g, err := gif.DecodeAll(bytes.NewReader(want.encode(t, "gif", 3, Settings{})))
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Image) != 14 || g.LoopCount != 2 || g.Config.Width != 61 || g.Config.Height != 37 {
		t.Errorf("%d frames of %d×%d, loop count %d", len(g.Image), g.Config.Width, g.Config.Height, g.LoopCount)
	}
	for i, d := range g.Delay {
		if time.Duration(d)*10*time.Millisecond != want.delays[i] {
			t.Errorf("delay %d is %d, want %v", i, d, want.delays[i])
		}
	}
	area := 0
	for _, p := range g.Image[1:] {
		area += p.Rect.Dx() * p.Rect.Dy()
	}
	if whole := 13 * 61 * 37; area > whole*2/3 {
		t.Errorf("the later frames cover %d pixels of %d: they hold more than what has changed", area, whole)
	}
}

// TestGIFFrames against a composition by image/draw.
func TestGIFFrames(t *testing.T) {
	palette := color.Palette{color.NRGBA{}, color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	rng := rand.New(rand.NewPCG(1, 1))
	g := &gif.GIF{LoopCount: 4, Config: image.Config{Width: 40, Height: 30, ColorModel: palette}}
	for i := range 20 {
		r := image.Rect(rng.IntN(20), rng.IntN(15), 21+rng.IntN(20), 16+rng.IntN(15))
		p := image.NewPaletted(r, palette)
		for j := range p.Pix {
			p.Pix[j] = uint8(rng.IntN(4))
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, p), append(g.Delay, i), append(g.Disposal, byte(rng.IntN(4)))
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	var want moving
	screen := image.NewNRGBA(image.Rect(0, 0, 40, 30))
	for i, p := range g.Image {
		before := part(screen, screen.Rect)
		draw.Draw(screen, p.Rect, p, p.Rect.Min, draw.Over)
		want.pictures = append(want.pictures, part(screen, screen.Rect))
		want.delays = append(want.delays, time.Duration(g.Delay[i])*10*time.Millisecond)
		switch g.Disposal[i] {
		case gif.DisposalBackground:
			draw.Draw(screen, p.Rect, image.Transparent, image.Point{}, draw.Src)
		case gif.DisposalPrevious:
			screen = before
		}
	}
	got, info := frames(t, b.Bytes())
	same(t, got, want)
	if info.Plays != 5 {
		t.Errorf("it plays %d times, want once and 4 times again", info.Plays)
	}
}

// TestWebPFrames against libwebp's own animation decoder, which gives colours multiplied by alpha.
func TestWebPFrames(t *testing.T) {
	data, err := os.ReadFile("../../testdata/images/animated.webp")
	if err != nil {
		t.Fatal(err)
	}
	got, info := frames(t, data)
	p, err := webpEncoder.Start(64<<20, wasm.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	size := 4 * info.Width * info.Height
	in, _ := p.Put(data)
	out, _ := p.Alloc(size * info.Frames)
	delays, _ := p.Alloc(4 * info.Frames)
	said, err := p.Alloc(16)
	if err != nil {
		t.Fatal(err)
	}
	a := uint64(said)
	if ok, err := p.Call("decode", uint64(in), uint64(len(data)), 0, 1, a, a+4, a+8, a+12, uint64(delays), uint64(out)); err != nil || ok == 0 {
		t.Fatalf("libwebp gave %d, %v", ok, err)
	}
	pixels, _ := p.Bytes(out, size*info.Frames)
	millis, _ := p.Bytes(delays, 4*info.Frames)
	for i, m := range got.pictures {
		if d := time.Duration(binary.LittleEndian.Uint32(millis[4*i:])) * time.Millisecond; d != got.delays[i] {
			t.Errorf("delay %d is %v, libwebp says %v", i, got.delays[i], d)
		}
		sum := 0.0
		for j, want := range pixels[i*size : (i+1)*size] {
			v := float64(m.Pix[j])
			if j%4 != 3 {
				v *= float64(m.Pix[j|3]) / 255
			}
			sum += (v - float64(want)) * (v - float64(want))
		}
		if psnr := 10 * math.Log10(255*255*float64(size)/(sum+1)); psnr < 40 { // chroma is upsampled by other filters
			t.Errorf("picture %d is %.1f dB from libwebp's", i, psnr)
		}
	}
}

// TestSteps: delays that a GIF cannot hold are rounded, and their sum stays.
func TestSteps(t *testing.T) {
	clock := steps{step: 10 * time.Millisecond, most: 65535}
	total := 0
	for range 300 {
		total += clock.take(33333 * time.Microsecond)
	}
	if total != 1000 {
		t.Errorf("300 times 33.333 ms are %d hundredths", total)
	}
	if n := clock.take(time.Hour); n != 65535 {
		t.Errorf("an hour became %d", n)
	}
	if n := clock.take(0); n != 0 {
		t.Errorf("nothing became %d", n)
	}
}

// TestPalettes of animations: colors bounds what a frame shows, transparency not counted.
func TestPalettes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var m moving
	for range 3 {
		p := image.NewNRGBA(image.Rect(0, 0, 40, 40))
		for i := range p.Pix {
			p.Pix[i] = byte(rng.Uint32())
		}
		m.pictures, m.delays = append(m.pictures, p), append(m.delays, 0)
	}
	for _, colours := range []int{2, 3, 16, 256} {
		g, err := gif.DecodeAll(bytes.NewReader(m.encode(t, "gif", 0, Settings{Colors: colours})))
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range g.Image {
			seen := map[color.Color]bool{}
			for _, at := range p.Pix {
				if c := p.Palette[at]; c != (color.RGBA{}) {
					seen[c] = true
				}
			}
			if len(seen) > colours || len(seen) < min(colours, 255)/2 {
				t.Errorf("frame %d shows %d colours, at most %d may be", i, len(seen), colours)
			}
		}
	}
}
