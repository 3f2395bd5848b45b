package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestDroppedPhotoAppearsInEverySize(t *testing.T) {
	m := newMill(t, "")
	p := open(t, m.url)
	p.says("#link", "Waiting for photos")
	m.copyTo("portrait.jpg", "outside", "a folder", "inner.jpg")
	start := time.Now()
	p.drop(m.copyTo("scene.jpg", "outside", "my photo.jpg"))
	p.shown("my photo.jpg")
	t.Logf("from a drop on the page to its thumbnail: %v", time.Since(start).Round(time.Millisecond))
	for _, w := range []string{"160w", "480w", "960w"} {
		if !m.there("output", "my photo-"+w+".jpg") {
			t.Errorf("my photo-%s.jpg is not there", w)
		}
	}
	p.drop(m.path("outside", "a folder"))
	p.shown("a folder/inner.jpg")
	m.must(os.WriteFile(m.path("outside", "notes.txt"), []byte("milk, bread"), 0o644))
	p.drop(m.path("outside", "notes.txt"))
	p.says("#uploads .failed", "this is not an image")
	p.forgive("415")

	// the photo by keyboard: Enter opens it, the slider moves, Escape closes
	p.do(chromedp.Focus(chromedp.CSS(".cell button[tabindex='0']")), chromedp.KeyEvent(kb.ArrowRight))
	p.until("document.activeElement.title === 'my photo.jpg'")
	p.do(chromedp.KeyEvent(kb.Enter))
	p.says(".viewer h2", "my photo.jpg")
	p.until("[...document.querySelectorAll('.slider img')].filter(i => i.naturalWidth > 0).length === 2")
	p.do(chromedp.Focus(chromedp.CSS(".slider input")), chromedp.KeyEvent(kb.Home))
	p.until("document.querySelector('.slider').style.getPropertyValue('--at') === '0%'")
	p.says(".viewer .stages", "resize")
	if text := of[string](p, "document.querySelector('.viewer pre').innerText"); !strings.Contains(text, "my%20photo-480w.jpg 480w") {
		t.Errorf("the picture's text is %s", text)
	}
	p.do(chromedp.KeyEvent(kb.Escape))
	p.until("!document.querySelector('.viewer').open")

	p.click("#tab-savings")
	p.says("#savings-total", "saved")
	p.until("document.querySelectorAll('#by-day rect').length === 2 && document.querySelectorAll('#by-variant tr').length === 3")
}

func TestPhotoGoesToThePipelineThatIsChosen(t *testing.T) {
	m := newMill(t, "[[pipeline]]\nname = \"blog\"\ninbox = \"blog/in\"\noutput = \"blog/out\"")
	p := open(t, m.url)
	p.do(chromedp.WaitVisible(chromedp.CSS("#into")), chromedp.SetValue(chromedp.CSS("#into"), "blog"))
	p.drop(m.copyTo("scene.jpg", "outside", "a.jpg"))
	p.shown("blog:a.jpg")
	p.says("#uploads", "blog:a.jpg")
	if m.there("inbox", "a.jpg") || !m.there("blog", "in", "a.jpg") {
		t.Error("it did not go to the inbox of the blog")
	}
	p.do(chromedp.SetValue(chromedp.CSS("#into"), ""))
	p.drop(m.copyTo("scene.jpg", "outside", "b.jpg"))
	p.shown("b.jpg")
}

func TestFailureAndItsRetry(t *testing.T) {
	m := newMill(t, "[limits]\nwidth = 1000")
	p := open(t, m.url)
	m.copyTo("scene.jpg", "inbox", "b.jpg")
	m.copyTo("truncated-50.jpg", "inbox", "cut.jpg")
	p.until("document.querySelector('#failures-count').innerText === '2'")
	p.click("#tab-failures")
	p.says("#failures", "cut.jpg")
	p.says("#failures", "the file ends")
	p.click("[aria-label='Show where b.jpg lies']")
	p.says("#failures .place code", m.path("inbox", "b.jpg"))
	p.says("#failures", "limits.width")
	config, err := os.ReadFile(m.path("config.toml"))
	m.must(err)
	m.must(os.WriteFile(m.path("config.toml"), bytes.ReplaceAll(config, []byte("width = 1000"), []byte("width = 5000")), 0o644))
	m.until("the config to be read again", func() bool { return m.logged("limits.width: 1000 → 5000") })
	p.click("[aria-label='Retry b.jpg']")
	p.until("document.querySelectorAll('#failures li').length === 1")
	p.click("#tab-photos")
	p.shown("b.jpg")
	p.click("#tab-failures")
	p.click("#retry-all")
	p.says("#toast", "1 photo tried again")
	m.until("it to fail again", func() bool { return strings.Contains(m.ask("/api/v1/state"), `"rejected":3`) })
	p.says("#failures", "cut.jpg")
	p.click("#dismiss-all")
	p.says("#failures", "Nothing failed.")
}

func TestFailureIsShownInTheFileManager(t *testing.T) {
	bin := t.TempDir()
	asked := filepath.Join(bin, "asked")
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\nprintf %s \"$1\" >"+asked+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("DISPLAY", ":7")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(bin, "nobody"))
	m := newMill(t, "")
	m.copyTo("truncated-50.jpg", "inbox", "trip", "cut.jpg")
	p := open(t, m.url)
	p.until("document.querySelector('#failures-count').innerText === '1'")
	p.click("#tab-failures")
	p.click("[aria-label='Show where trip/cut.jpg lies']")
	p.says("#failures .place", "show it in the file manager")
	p.click("#failures .place button")
	p.says("#toast", "The file manager has it")
	if folder, err := os.ReadFile(asked); err != nil || string(folder) != m.path("inbox", "trip") {
		t.Errorf("%q %v", folder, err)
	}
}

func TestPauseAndResumeAndWorkers(t *testing.T) {
	m := newMill(t, "")
	p := open(t, m.url)
	p.says("#link", "Waiting")
	p.click("#pause")
	p.says("#link", "Intake is paused")
	m.copyTo("scene.jpg", "inbox", "c.jpg")
	p.until("[...document.querySelectorAll('#figures div')].some(d => d.innerText.startsWith('To go') && d.innerText.includes('1'))")
	if m.there("output", "c-160w.jpg") {
		t.Error("a photo was made during the pause")
	}
	p.click("#pause")
	p.shown("c.jpg")
	p.click("#tab-settings")
	p.says("#config", "pool.workers")
	p.do(chromedp.SetValue(chromedp.CSS("#workers"), "3"))
	p.click("#workers-form button")
	p.says("#toast", "3 at once")
	p.says("#figures", "of 3")
	if state := m.ask("/api/v1/state"); !strings.Contains(state, `"workers":3`) {
		t.Error(state)
	}
}

func TestPageComesBackAfterARestart(t *testing.T) {
	m := newMill(t, "")
	m.copyTo("scene.jpg", "inbox", "d.jpg")
	p := open(t, m.url)
	p.shown("d.jpg")
	m.stop()
	p.says("#link", "does not answer")
	m.copyTo("portrait.jpg", "inbox", "e.jpg")
	m.start()
	p.says("#toast", "started anew")
	p.shown("e.jpg")
	p.shown("d.jpg")
	p.forgive("ERR_CONNECTION_REFUSED")
	p.forgive("ERR_INCOMPLETE_CHUNKED_ENCODING")
}

func TestPhotoMadeAnewIsShownOnce(t *testing.T) {
	m := newMill(t, "")
	m.copyTo("portrait.jpg", "inbox", "a.jpg")
	p := open(t, m.url)
	p.shown("a.jpg")
	once := func(width int) {
		t.Helper()
		cells := "[...document.querySelectorAll('.cell button')].filter(b => b.title === 'a.jpg')"
		p.until(fmt.Sprintf("%s.length === 1 && %[1]s[0].ariaLabel.includes(' %d by ')", cells, width))
	}
	once(900)
	m.copyTo("scene.jpg", "inbox", "b.jpg")
	p.shown("b.jpg")
	for range 2 { // the former one is of a page of the list, and of what came since
		m.copyTo("scene.jpg", "inbox", "a.jpg")
		once(1600)
		m.copyTo("portrait.jpg", "inbox", "a.jpg")
		once(900)
	}
	p.says("#photos-rest", "2 photos")
}

func TestToken(t *testing.T) {
	m := newMill(t, `token = "correct horse battery"`)
	p := open(t, m.url)
	p.do(chromedp.WaitVisible(chromedp.CSS("#token")))
	p.do(chromedp.SendKeys(chromedp.CSS("#token"), "wrong"+kb.Enter))
	p.says("#door-wrong", "this is not the token")
	p.forgive("403")
	p.do(chromedp.Evaluate[chromedp.Void]("document.querySelector('#token').value = ''"), chromedp.SendKeys(chromedp.CSS("#token"), "correct horse battery"+kb.Enter))
	p.says("#link", "Waiting for photos")
	if of[string](p, "document.cookie") != "" {
		t.Error("scripts can read the cookie")
	}
	p.do(chromedp.Reload())
	p.says("#link", "Waiting for photos")
	p.click("#tab-settings")
	if text := of[string](p, "document.body.innerText"); strings.Contains(text, "correct horse") {
		t.Error("the page shows the token")
	}
	p.click("#leave")
	p.do(chromedp.WaitVisible(chromedp.CSS("#token")))
}

func TestDarkAndNarrow(t *testing.T) {
	m := newMill(t, "")
	m.copyTo("scene.jpg", "inbox", "trip", "a-very-long-name-of-a-photo-that-nobody-would-type.jpg")
	p := open(t, m.url)
	p.scheme("light")
	p.shown("trip/a-very-long-name-of-a-photo-that-nobody-would-type.jpg")
	ground := func() (rgb [3]int) {
		t.Helper()
		text := of[string](p, "getComputedStyle(document.body).backgroundColor")
		if _, err := fmt.Sscanf(text, "rgb(%d, %d, %d)", &rgb[0], &rgb[1], &rgb[2]); err != nil {
			t.Fatal(text, err)
		}
		return rgb
	}
	if g := ground(); g[0] < 200 {
		t.Errorf("light is %v", g)
	}
	p.scheme("dark")
	if g := ground(); g[0] > 60 {
		t.Errorf("dark is %v", g)
	}
	p.click("#theme") // light, whatever the system says
	if g := ground(); g[0] < 200 {
		t.Errorf("light by choice is %v", g)
	}
	for _, width := range []int64{360, 768, 1280} {
		p.size(width, 740)
		for _, tab := range []string{"photos", "failures", "savings", "settings"} {
			p.click("#tab-" + tab)
			if over := of[int](p, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("at %d px, %s is %d px too wide", width, tab, over)
			}
		}
	}
}

// violation is what axe-core finds against WCAG.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

func TestAxeFindsNothing(t *testing.T) {
	script := os.Getenv("AXE")
	if script == "" {
		t.Skip("AXE does not name axe-core's axe.min.js: bench/dashboard.sh fetches it")
	}
	axe, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	m := newMill(t, "")
	m.copyTo("scene.jpg", "inbox", "f.jpg")
	m.copyTo("truncated-50.jpg", "inbox", "cut.jpg")
	p := open(t, m.url)
	p.shown("f.jpg")
	p.until("document.querySelector('#failures-count').innerText === '1'")
	p.do(chromedp.Evaluate[chromedp.Void](string(axe)))
	check := func(where string) {
		t.Helper()
		p.until("document.getAnimations().length === 0")
		var found []violation
		text := of[string](p, "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => JSON.stringify(r.violations))")
		if err := json.Unmarshal([]byte(text), &found); err != nil {
			t.Fatal(err)
		}
		for _, v := range found {
			t.Errorf("%s: %s (%s): %s: %+v", where, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		for _, tab := range []string{"savings", "settings", "failures", "photos"} {
			p.click("#tab-" + tab)
			check(scheme + " " + tab)
		}
		p.click(".cell button")
		p.until("document.querySelector('.viewer').open")
		check(scheme + " viewer")
		p.do(chromedp.KeyEvent(kb.Escape))
	}
	locked := newMill(t, `token = "correct horse battery"`)
	p.do(chromedp.Navigate(locked.url), chromedp.WaitVisible(chromedp.CSS("#token")), chromedp.Evaluate[chromedp.Void](string(axe)))
	check("door")
}
