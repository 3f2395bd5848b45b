package browser

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// paint draws an evening in the hills, another one for each seed.
func paint(seed uint64, width, height int) image.Image {
	r := rand.New(rand.NewPCG(seed, 7))
	hue := func(turn, light float64) [3]float64 {
		var c [3]float64
		for i := range c {
			c[i] = light * (0.62 + 0.38*math.Cos(2*math.Pi*(turn+float64(i)/3)))
		}
		return c
	}
	turn := r.Float64()
	high, low := hue(turn, 0.55+0.3*r.Float64()), hue(turn+0.15+0.3*r.Float64(), 1)
	sunX, sunY, sunR := (0.15+0.7*r.Float64())*float64(width), (0.2+0.3*r.Float64())*float64(height), (0.04+0.04*r.Float64())*float64(width)
	type ridge struct{ base, a, b, p, q float64 }
	ridges := make([]ridge, 4)
	for i := range ridges {
		ridges[i] = ridge{(0.5 + 0.13*float64(i)) * float64(height), 30 + 60*r.Float64(), 10 + 20*r.Float64(), r.Float64() * 7, r.Float64() * 7}
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			f := float64(y) / float64(height)
			var c [3]float64
			for i := range c {
				c[i] = high[i]*(1-f) + low[i]*f
			}
			if d := math.Hypot(float64(x)-sunX, float64(y)-sunY); d < 6*sunR {
				glow := math.Min(1, math.Pow(sunR/math.Max(d, sunR), 1.6))
				c = [3]float64{c[0] + (1-c[0])*glow, c[1] + (0.95-c[1])*glow, c[2] + (0.8-c[2])*glow}
			}
			for n, g := range ridges {
				top := g.base + g.a*math.Sin(float64(x)/float64(width)*6+g.p) + g.b*math.Sin(float64(x)/float64(width)*19+g.q)
				if float64(y) > top {
					dark := 0.72 - 0.17*float64(n)
					grain := 0.02 * (r.Float64() - 0.5)
					c = [3]float64{low[0]*dark*0.8 + grain, low[1]*dark*0.9 + grain, low[2]*dark + grain}
				}
			}
			img.SetRGBA(x, y, color.RGBA{channel(c[0]), channel(c[1]), channel(c[2]), 255})
		}
	}
	return img
}

func channel(v float64) uint8 { return uint8(255 * min(1, max(0, v))) }

// TestPictures takes the pictures of the README and docs/, of photos that are painted here.
func TestPictures(t *testing.T) {
	if os.Getenv("SHOTS") == "" {
		t.Skip("SHOTS names no folder: `bench/dashboard.sh shots` takes the pictures")
	}
	m := newMill(t, "")
	p := open(t, m.url)
	p.size(1280, 860)
	p.says("#link", "Waiting")
	const photos = 26
	for i := range photos {
		width, height := 2400, 1600
		if i%5 == 3 {
			width, height = 1600, 2200
		}
		f, err := os.Create(m.path("painting"))
		m.must(err)
		w := bufio.NewWriter(f)
		m.must(jpeg.Encode(w, paint(uint64(i+20), width, height), &jpeg.Options{Quality: 93}))
		m.must(w.Flush())
		m.must(f.Close())
		m.must(os.Rename(m.path("painting"), m.path("inbox", fmt.Sprintf("evening-%02d.jpg", i+1))))
	}
	m.copyTo("truncated-50.jpg", "inbox", "half-copied.jpg")
	p.shown(fmt.Sprintf("evening-%02d.jpg", photos))
	p.until("document.querySelector('#failures-count').innerText === '1'")
	for i := range 200 { // something in work
		data, err := os.ReadFile(m.path("inbox", fmt.Sprintf("evening-%02d.jpg", i%photos+1)))
		m.must(err)
		m.must(os.WriteFile(m.path("inbox", fmt.Sprintf("walk-%03d.jpg", i)), append(data, byte(i)), 0o644))
	}
	p.until("document.querySelectorAll('#flights .steps').length === 2")
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		p.shot("dashboard-" + scheme)
	}
	p.scheme("light")
	p.until("document.querySelectorAll('#flights .steps').length === 0")
	p.click(".cell button")
	p.until("[...document.querySelectorAll('.slider img')].filter(i => i.naturalWidth > 0).length === 2")
	p.shot("dashboard-photo")
	p.click(".viewer header button")
	p.size(390, 844)
	p.shot("dashboard-phone")
}
