// Command browser opens a built site in headless Chromium, in windows of several sizes and densities, and checks what its images do:
// every one is loaded, none is larger or smaller than its srcset and sizes ask for, and nothing moves when they arrive.
//
//	go run . SITE [SCREENSHOT.jpg]
//
// It is no test of its own measure unless the measure can fail: the site without the images' sizes must move.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: browser SITE [SCREENSHOT.jpg]")
		os.Exit(2)
	}
	if err := run(os.Args[1], append(os.Args[2:], "")[0]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// window is what a page is seen in.
type window struct {
	width, height int64 // CSS pixels
	density       float64
}

var windows = []window{{360, 700, 1}, {360, 700, 3}, {800, 900, 1}, {1200, 900, 1}, {1200, 900, 2}}

func run(site, screenshot string) error {
	browser, end, err := start()
	if err != nil {
		return err
	}
	defer end()
	server := httptest.NewServer(slowly(http.FileServer(http.Dir(site)), nil))
	defer server.Close()
	chosen := map[string]map[string]bool{} // image → files that were chosen for it
	for _, w := range windows {
		page, err := open(browser, server.URL, w, "")
		if err != nil {
			return fmt.Errorf("%s at %v: %w", site, w, err)
		}
		if err := page.check(w, chosen); err != nil {
			return fmt.Errorf("%s at %v: %w", site, w, err)
		}
	}
	differ := 0 // small photos have nothing larger to offer
	for _, files := range chosen {
		if len(files) > 1 {
			differ++
		}
	}
	if differ == 0 {
		return fmt.Errorf("%s: every image is the same in all windows", site)
	}
	fmt.Printf("%d of %d images differ from window to window; layout shift 0\n", differ, len(chosen))
	unsized := httptest.NewServer(slowly(http.FileServer(http.Dir(site)), sizes))
	defer unsized.Close()
	page, err := open(browser, unsized.URL, windows[0], "")
	if err != nil {
		return err
	}
	if page.Shift == 0 {
		return fmt.Errorf("%s: without the images' sizes nothing moves either: the measure measures nothing", site)
	}
	fmt.Printf("without width and height: layout shift %.2f\n", page.Shift)
	if screenshot != "" {
		_, err = open(browser, server.URL, window{1200, 1300, 1}, screenshot)
	}
	return err
}

// start starts Chromium with a profile that is thrown away.
func start() (context.Context, func(), error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, fmt.Errorf("%w: it is Debian's package chromium", err)
	}
	profile, err := os.MkdirTemp("", "pixmill-browser-")
	if err != nil {
		return nil, nil, err
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	browser, endBrowser := chromedp.NewContext(allocator)
	end := func() {
		endBrowser()
		endAllocator()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(browser); err != nil {
		end()
		return nil, nil, err
	}
	return browser, end, nil
}

// sizes are what an image's room is known by before it is there.
var sizes = regexp.MustCompile(` (width|height)="?\d+"?`)

// slowly serves images late, so that the page is laid out without them, and pages without what cut finds: those, whose layout is to shift, later still,
// since on a busy machine a page may be shown only when its images are there.
func slowly(files http.Handler, cut *regexp.Regexp) http.Handler {
	late := 200 * time.Millisecond
	if cut != nil {
		late = 3 * time.Second
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch filepath.Ext(r.URL.Path) {
		case ".webp", ".jpg", ".png", ".avif":
			time.Sleep(late)
		case "", ".html":
			if cut != nil {
				rec := httptest.NewRecorder()
				files.ServeHTTP(rec, r)
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				fmt.Fprint(w, cut.ReplaceAllString(strings.ReplaceAll(rec.Body.String(), `loading="lazy"`, ""), ""))
				return
			}
		}
		files.ServeHTTP(w, r)
	})
}
