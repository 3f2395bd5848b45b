package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// page is what was seen of one.
type page struct {
	Shift  float64 `json:"shift"` // cumulative layout shift, as the browser measures it
	Images []image `json:"images"`
}

type image struct {
	Name   string  `json:"name"` // its src
	Src    string  `json:"src"`  // the file that the browser took
	Loaded bool    `json:"loaded"`
	Srcset string  `json:"srcset"` // that the file is of
	Width  float64 `json:"width"`  // that the image has in the page, CSS pixels
}

// look scrolls to the end, so that what is lazy comes, and then says what is there.
const look = `(async () => {
	for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
		scrollTo(0, y);
		await new Promise(r => setTimeout(r, 50));
	}
	const images = [...document.images];
	await Promise.all(images.map(i => i.complete || new Promise(r => i.onload = i.onerror = r)));
	await new Promise(r => setTimeout(r, 100));
	scrollTo(0, 0);
	return {
		shift: window.shift,
		images: images.map(i => {
			const src = new URL(i.currentSrc).pathname;
			const sets = [...(i.parentElement.tagName === "PICTURE" ? i.parentElement.querySelectorAll("source") : []), i].map(e => e.srcset);
			return { name: i.getAttribute("src"), src, loaded: i.complete && i.naturalWidth > 0, width: i.getBoundingClientRect().width,
				srcset: sets.find(s => s.includes(src)) || "" };
		}),
	};
})()`

// watch adds up layout shifts from the page's beginning.
const watch = `window.shift = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) window.shift += e.value }).observe({ type: "layout-shift", buffered: true });`

// open sees a page in a tab of its own, and takes its picture if a file for that is named.
func open(browser context.Context, url string, w window, screenshot string) (p page, err error) {
	tab, end := chromedp.NewContext(browser)
	defer end()
	if err := chromedp.Do(tab, chromedp.EmulateViewport(w.width, w.height, chromedp.EmulateScale(w.density))); err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url), chromedp.Evaluate[chromedp.Void](watch)); err != nil {
		return p, err
	}
	if p, err = chromedp.Run(ctx, chromedp.Evaluate[page](look, chromedp.EvalAwaitPromise)); err != nil || screenshot == "" {
		return p, err
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return p, err
	}
	return p, keep(picture, screenshot)
}

// keep writes a screenshot as a JPEG, which is smaller.
func keep(picture []byte, file string) error {
	m, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 80}); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// check holds the images against what their srcsets and the window ask for.
func (p page) check(w window, chosen map[string]map[string]bool) error {
	if len(p.Images) == 0 {
		return errors.New("there is no image")
	}
	for _, i := range p.Images {
		if !i.Loaded {
			return fmt.Errorf("%s is not loaded", i.Name)
		}
		if i.Srcset == "" { // of one size
			continue
		}
		need := i.Width * w.density
		got, want := candidate(i.Srcset, i.Src, need)
		if got != want {
			return fmt.Errorf("%s: the browser took %s of %.0f pixels for %.0f, and %.0f is in %s", i.Name, i.Src, got, need, want, i.Srcset)
		}
		if chosen[i.Name] == nil {
			chosen[i.Name] = map[string]bool{}
		}
		chosen[i.Name][i.Src] = true
		fmt.Printf("%4d×%d  %-32s %4.0f css px → %s\n", w.width, int(w.density), i.Name, i.Width, i.Src)
	}
	if p.Shift != 0 {
		return fmt.Errorf("the layout shifts by %v", p.Shift)
	}
	return nil
}

// candidate is how many pixels wide the file that was taken is, by its srcset, and the one that should be: the smallest that is wide enough,
// or the largest there is. HTML leaves the choice to browsers; Chromium goes for the next smaller one at more than one device pixel a CSS pixel, where
// that is nearer by ratio.
func candidate(srcset, src string, need float64) (got, want float64) {
	below := 0.0
	for entry := range strings.SplitSeq(srcset, ", ") {
		url, width, _ := strings.Cut(entry, " ")
		n, _ := strconv.ParseFloat(strings.TrimSuffix(width, "w"), 64)
		if url == src {
			got = n
		}
		switch {
		case n < need:
			below = max(below, n)
		case want == 0 || n < want:
			want = n
		}
	}
	if want == 0 || below > 0 && got == below && need < math.Sqrt(below*want) {
		want = below
	}
	return got, want
}
