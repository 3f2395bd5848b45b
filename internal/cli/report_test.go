package cli

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pixmill/internal/config"
	"pixmill/sink/ledger"
)

// ledgerOf is a ledger of some photos: two days, two folders, two variants, and names that a page must not take for markup.
func ledgerOf(t *testing.T, photos int) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for i := range photos {
		folder := []string{"trip", "<script>alert(1)</script>&"}[i%2]
		s := ledger.Source{Name: fmt.Sprintf("%s/%d.jpg", folder, i), Hash: fmt.Sprint(i), Size: 1000, Status: "done",
			Time: time.Date(2026, 1, 1+i%2, 12, 0, 0, 0, time.Local)}
		for v, variant := range []string{"small", "large"} {
			s.Outputs = append(s.Outputs, ledger.Output{Path: fmt.Sprintf("%d-%s", i, variant), Variant: variant, Format: []string{"jpeg", "png"}[i%2], Bytes: int64(100 * (v + 1))})
		}
		if err := l.Commit(ledger.Entry{Source: s}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestSum(t *testing.T) {
	s, err := sum(config.Config{}, ledgerOf(t, batch+5)) // more than a batch: 261, 131 of them even
	if err != nil {
		t.Fatal(err)
	}
	if s.Total != (group{"", 261, 261_000, 78_300}) {
		t.Errorf("total %+v", s.Total)
	}
	for i, want := range [][]group{
		{{"2026-01-01", 131, 131_000, 39_300}, {"2026-01-02", 130, 130_000, 39_000}},
		{{"trip", 131, 131_000, 39_300}, {"<script>alert(1)</script>&", 130, 130_000, 39_000}},
		{{"small", 261, 261_000, 26_100}, {"large", 261, 261_000, 52_200}},
		{{"jpeg", 262, 262_000, 39_300}, {"png", 260, 260_000, 39_000}},
	} {
		if got := s.Sections[i].Groups; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("by %s: got %v, want %v", s.Sections[i].Title, got, want)
		}
	}
}

// The page is one file without scripts or links, its pictures are well-formed, and names in it are text.
func TestPage(t *testing.T) {
	for name, photos := range map[string]int{"none": 0, "one": 1, "many": 300} {
		t.Run(name, func(t *testing.T) {
			s, err := sum(config.Config{}, ledgerOf(t, photos))
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "report.html")
			if err := writePage(file, s); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			page := string(data)
			for _, no := range []string{"<script", "http:", "https:", "src=", "<link", "@import", "NaN", "Inf", "ZgotmplZ"} {
				if strings.Contains(page, no) {
					t.Errorf("the page holds %s", no)
				}
			}
			for _, want := range []string{"prefers-color-scheme: dark", "color-scheme: light dark", fmt.Sprintf("%d photos", photos)} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
			rest, charts := page, 0
			for {
				_, after, found := strings.Cut(rest, "<svg ")
				if !found {
					break
				}
				picture, after, _ := strings.Cut(after, "</svg>")
				rest = after
				charts++
				for d := xml.NewDecoder(strings.NewReader("<svg " + picture + "</svg>")); ; {
					if _, err := d.Token(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						t.Fatalf("chart %d: %v", charts, err)
					}
				}
			}
			if want := min(photos, 1) * 4; charts != want {
				t.Errorf("%d charts, want %d", charts, want)
			}
		})
	}
}
