package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// page is the dashboard in a browser.
type page struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	errors   []string // that the console told
	forgiven []string
}

// open opens the dashboard of a mill in a fresh browser. At the end of the test there must have been no error in its console.
func open(t *testing.T, url string) *page {
	t.Helper()
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			chromium = found
			break
		}
	}
	if chromium == "" {
		t.Skip("there is no Chromium here: `apt-get install chromium` brings it")
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), // which containers have little of
		chromedp.WindowSize(1280, 900),
	}
	allocated, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(cancel)
	p := &page{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil { // the tab lives as long as its first step's context
		t.Fatal(err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the end
			}
			p.mu.Lock()
			if kind := string(m.Type); m.IsException() || strings.HasPrefix(kind, "err") || strings.HasPrefix(kind, "warn") {
				p.errors = append(p.errors, m.String()+" "+m.URL)
			}
			p.mu.Unlock()
		}
	}()
	p.do(chromedp.Navigate(url))
	t.Cleanup(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, text := range p.errors {
			if !slices.ContainsFunc(p.forgiven, func(part string) bool { return strings.Contains(text, part) }) {
				t.Error("the console says:", text)
			}
		}
	})
	return p
}

// forgive names what errors of the console have in common that a test brings about on purpose; the console may tell of them later.
func (p *page) forgive(part string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgiven = append(p.forgiven, part)
}

// patience bounds every step: it is for browsers on machines that have other things to do.
const patience = 2 * time.Minute

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	err := chromedp.Do(ctx, steps...)
	for err != nil && strings.Contains(err.Error(), "Cannot find context with specified id") && ctx.Err() == nil {
		err = chromedp.Do(ctx, steps...) // it was meant for the page before, which went at that moment
	}
	if err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
		p.t.Fatalf("%v; the page says\n%s", err, text)
	}
}

// until waits for a JavaScript expression to be true.
func (p *page) until(expression string) {
	p.t.Helper()
	p.do(chromedp.Poll[chromedp.Void]("!!("+expression+")", chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience/2)))
}

// of evaluates an expression.
func of[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// call sends the browser a command of its protocol.
func call[P, R any](p *page, command cdp.Command[P, R], with P) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, command, with); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// says waits for a text to be seen in an element.
func (p *page) says(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, text))
}

// drop drags files from outside onto the page, and lets go.
func (p *page) drop(files ...string) {
	p.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: files, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		call(p, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: 400, Y: 300, Data: data})
	}
}

// shown waits for a photo's thumbnail, whole.
func (p *page) shown(name string) {
	p.t.Helper()
	p.until(fmt.Sprintf("[...document.querySelectorAll('.cell button')].some(b => b.title === %q && b.querySelector('img').naturalWidth > 0)", name))
}

func (p *page) scheme(name string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (p *page) size(width, height int64) {
	p.t.Helper()
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
}

// shot keeps a picture of the page where SHOTS names a folder for them.
func (p *page) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	p.do(chromedp.Sleep(700 * time.Millisecond)) // until nothing moves
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}
