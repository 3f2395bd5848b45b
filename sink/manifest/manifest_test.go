package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// photo is one of 1600×1200 with outputs such as "jpeg 320x240".
func photo(source string, outs ...string) Photo {
	p := Photo{Width: 1600, Height: 1200, Hash: "0123456789abcdef"}
	p.Place(source)
	for _, text := range outs {
		o := Output{Variant: "v"}
		if _, err := fmt.Sscanf(text, "%s %dx%d", &o.Format, &o.Width, &o.Height); err != nil {
			panic(err)
		}
		o.Path = fmt.Sprintf("%s-%d.%s", p.Name, o.Width, o.Format)
		p.Outputs = append(p.Outputs, o)
	}
	return p
}

func TestSrcset(t *testing.T) {
	for name, test := range map[string]struct {
		outs    []string
		src     string
		sources []string // format: widths
	}{
		"by width":             {[]string{"jpeg 640x480", "jpeg 320x240"}, "a-640.jpeg", []string{"jpeg: a-320.jpeg 320w, a-640.jpeg 640w"}},
		"best format first":    {[]string{"jpeg 32x24", "webp 32x24", "avif 32x24"}, "a-32.jpeg", []string{"avif: a-32.avif 32w", "webp: a-32.webp 32w", "jpeg: a-32.jpeg 32w"}},
		"src is not too large": {[]string{"jpeg 1600x1200", "jpeg 1280x960", "jpeg 640x480"}, "a-1280.jpeg", []string{"jpeg: a-640.jpeg 640w, a-1280.jpeg 1280w, a-1600.jpeg 1600w"}},
		"or the only one":      {[]string{"jpeg 1600x1200"}, "a-1600.jpeg", []string{"jpeg: a-1600.jpeg 1600w"}},
		"rounded heights":      {[]string{"jpeg 101x76", "jpeg 33x25"}, "a-101.jpeg", []string{"jpeg: a-33.jpeg 33w, a-101.jpeg 101w"}},
		"no crops":             {[]string{"jpeg 320x240", "jpeg 200x200", "jpeg 640x478"}, "a-320.jpeg", []string{"jpeg: a-320.jpeg 320w"}},
		"no size twice":        {[]string{"jpeg 320x240", "jpeg 320x240"}, "a-320.jpeg", []string{"jpeg: a-320.jpeg 320w"}},
		"crops only":           {[]string{"jpeg 200x200"}, "", nil},
		"nothing":              {nil, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := photo("a.jpg", test.outs...)
			p.Complete("")
			var got []string
			for _, s := range p.Sources {
				got = append(got, s.Format+": "+s.Srcset)
				if s.Type != "image/"+s.Format {
					t.Errorf("%s is of type %s", s.Format, s.Type)
				}
			}
			if !slices.Equal(got, test.sources) || p.Src != test.src || len(p.Outputs) != len(test.outs) {
				t.Errorf("src %q, %q; want %q, %q", p.Src, got, test.src, test.sources)
			}
			if n := len(p.Sources); n > 0 && p.Srcset != p.Sources[n-1].Srcset {
				t.Errorf("srcset %q is not the last source's", p.Srcset)
			}
		})
	}
}

// A name may hold everything that ends a URL in a srcset, or an attribute.
func TestURLs(t *testing.T) {
	p := photo(`trip/a, b "c" #1?é.jpg`, "jpeg 32x24")
	p.Complete("/photos/")
	const want = `/photos/a%2C%20b%20%22c%22%20%231%3F%C3%A9-32.jpeg`
	if p.Src != want || p.Srcset != want+" 32w" || p.Outputs[0].URL != want {
		t.Errorf("got %s and %s", p.Src, p.Srcset)
	}
	if p.Aspect != 1.3333 || p.Album != "trip" || p.Name != `a, b "c" #1?é` {
		t.Errorf("aspect %v, album %q, name %q", p.Aspect, p.Album, p.Name)
	}
}

func TestPicture(t *testing.T) {
	p := photo("a.jpg", "jpeg 32x24", "webp 32x24")
	p.Alt, p.Color, p.Placeholder = `"><script>`, "#112233", "data:image/jpeg;base64,AA=="
	p.Complete("/")
	got := string(p.Picture("(min-width: 40em) 50vw, 100vw"))
	for _, want := range []string{
		`<source type="image/webp" srcset="/a-32.webp 32w" sizes="(min-width: 40em) 50vw, 100vw">`,
		`<img src="/a-32.jpeg" srcset="/a-32.jpeg 32w" sizes="(min-width: 40em) 50vw, 100vw" width="1600" height="1200"`,
		`alt="&#34;&gt;&lt;script&gt;"`, `url(data:image/jpeg;base64,AA==)`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	p.Placeholder = "data:image/png;base64,AA=="
	p.Complete("/")
	if got := string(p.Picture("100vw")); strings.Contains(got, "background") {
		t.Errorf("a placeholder shows through a transparent photo:\n%s", got)
	}
	crops := photo("a.jpg", "jpeg 20x20")
	crops.Complete("")
	if got := string(crops.Picture("100vw")); strings.Contains(got, "<img") {
		t.Errorf("a picture of nothing: %s", got)
	}
}

func write(t *testing.T, list bool, photos ...Photo) string {
	t.Helper()
	var b strings.Builder
	w := NewWriter(&b, list)
	for _, p := range photos {
		p.Complete("")
		if err := w.Add(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriter(t *testing.T) {
	dated := func(p Photo, date string) Photo { p.Date = date; return p }
	again := dated(photo("trip/b.jpg", "jpeg 32x24"), "2024-02-01T00:00:00")
	again.Hash = "fedcba9876543210"
	text := write(t, false, photo("a.jpg"), dated(photo("trip/b.jpg", "jpeg 32x24"), "2024-03-01T00:00:00"), again, photo("trip/north/c.jpg"))
	var got struct {
		Photos []Photo
		Albums []Album
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var ids []string
	for _, p := range got.Photos {
		ids = append(ids, p.ID)
	}
	if want := []string{"a.jpg", "trip/b.jpg", "trip/b.jpg~fedcba", "trip/north/c.jpg"}; !slices.Equal(ids, want) {
		t.Errorf("IDs %q, want %q", ids, want)
	}
	want := []Album{
		{Photos: 1, Cover: "a.jpg"},
		{Path: "trip", Title: "trip", Photos: 2, Cover: "trip/b.jpg", From: "2024-02-01T00:00:00", To: "2024-03-01T00:00:00"},
		{Path: "trip/north", Title: "north", Photos: 1, Cover: "trip/north/c.jpg"},
	}
	if !slices.Equal(got.Albums, want) {
		t.Errorf("albums %+v, want %+v", got.Albums, want)
	}
	for _, empty := range []bool{false, true} {
		for _, list := range []bool{false, true} {
			photos := []Photo{photo("a.jpg")}
			if empty {
				photos = nil
			}
			var any []Photo
			if err := json.Unmarshal([]byte(write(t, list, photos...)), &any); (err == nil) != list || list && len(any) != len(photos) {
				t.Errorf("list %t: %v, %d photos", list, err, len(any))
			}
		}
	}
}

// An error of the disk comes out, whenever it came in.
func TestWriterFails(t *testing.T) {
	r, pipe := io.Pipe()
	full := errors.New("full")
	r.CloseWithError(full)
	w := NewWriter(pipe, false)
	for range 1000 {
		if err := w.Add(photo("a.jpg", "jpeg 32x24")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}
