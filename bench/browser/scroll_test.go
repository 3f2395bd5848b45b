package browser

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestLongListScrolls has as many finished photos as PHOTOS_DONE says, 10,000 without it, and goes through them: few elements at any time, the end there
// as soon as the beginning; how long the longest frame took is told.
func TestLongListScrolls(t *testing.T) {
	count := 10_000
	if text := os.Getenv("PHOTOS_DONE"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	m := newMill(t, "")
	m.stop()
	fill := exec.Command("go", "run", "-C", "..", "./ledger", m.copyTo("grey.jpg", "thumbnail.jpg"), m.dir, strconv.Itoa(count))
	if said, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	m.start()
	p := open(t, m.url)
	name := func(i int) string { return fmt.Sprintf("%03d/%06d.jpg", i/1000, i) }
	p.shown(name(count - 1))
	p.until(fmt.Sprintf("document.querySelector('#photos-rest').innerText === (%d).toLocaleString('en') + ' photos'", count))

	// the end, and the middle, by scrolling there at once
	p.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#photos').scrollTop = 1e9"))
	p.shown(name(0))
	p.do(chromedp.Evaluate[chromedp.Void]("(() => { const p = document.querySelector('#photos'); p.scrollTop = p.scrollHeight / 2 })()"))
	p.until(fmt.Sprintf("[...document.querySelectorAll('.cell button')].some(b => Math.abs(parseInt(b.title.slice(4)) - %d) < 200)", count/2))

	// a stretch, frame by frame; what it takes is counted in CPU time of the page's thread, which other programs do not lengthen
	call(p, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
	before := p.taken()
	worst := of[float64](p, `new Promise((done) => {
		const list = document.querySelector("#photos");
		let frames = 0, worst = 0, last = performance.now();
		const step = (now) => {
			if (frames > 2) worst = Math.max(worst, now - last);
			last = now;
			list.scrollTop += 90;
			if (++frames < 240) requestAnimationFrame(step);
			else done(worst);
		};
		requestAnimationFrame(step);
	})`)
	t.Logf("%d photos: a frame of scrolling takes %.1f ms of CPU; the longest of 240 came after %.0f ms", count, (p.taken()-before)/240*1000, worst)
	if n := of[int](p, "document.querySelectorAll('.cell').length"); n > 120 {
		t.Errorf("%d cells are in the page", n)
	}

	// a photo of the middle by its name, and by keyboard to the very end
	p.do(chromedp.SendKeys(chromedp.CSS("#match"), fmt.Sprintf("%06d", count/2)))
	p.until("document.querySelectorAll('.cell button').length === 1")
	p.shown(name(count / 2))
	p.do(chromedp.Evaluate[chromedp.Void]("(() => { const m = document.querySelector('#match'); m.value = ''; m.dispatchEvent(new Event('input')) })()"))
	p.shown(name(count - 1))
	p.do(chromedp.Focus(chromedp.CSS(".cell button")), chromedp.KeyEvent(kb.End))
	p.until(fmt.Sprintf("document.activeElement.title === %q", name(0)))
}

// taken is how long the page's thread has worked, in seconds.
func (p *page) taken() float64 {
	p.t.Helper()
	got, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range got.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	p.t.Fatal("the browser has no TaskDuration")
	return 0
}
