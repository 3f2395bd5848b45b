// Package manifest is what a site is told of its photos: a JSON file of all of them, and a <picture> for each.
//
//	what the ledger knows of a photo ─► Photo ─┬─► Writer: the manifest, one line a photo, and its albums
//	                                           └─► Picture, the HTML of one
//
// It reads and writes no files and keeps nothing. Everything but a Writer may be used concurrently.
package manifest

import (
	"cmp"
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// About is what is told of a photo besides its files. What is not known is left out.
type About struct {
	Title     string   `json:"title,omitempty"`
	Caption   string   `json:"caption,omitempty"`
	Alt       string   `json:"alt,omitempty"`
	Keywords  []string `json:"keywords,omitempty"`
	Creator   string   `json:"creator,omitempty"`
	Copyright string   `json:"copyright,omitempty"`

	Date     string  `json:"date,omitempty"` // RFC 3339, without a zone where the camera did not know it
	Camera   string  `json:"camera,omitempty"`
	Lens     string  `json:"lens,omitempty"`
	Exposure string  `json:"exposure,omitempty"` // seconds: "1/250"
	Aperture float64 `json:"aperture,omitempty"` // as in f/2.8
	ISO      int     `json:"iso,omitempty"`
	Focal    float64 `json:"focal_length,omitempty"` // mm
	Focal35  int     `json:"focal_length_35,omitempty"`

	Color       string `json:"color,omitempty"` // the dominant one, "#rrggbb"
	ThumbHash   string `json:"thumbhash,omitempty"`
	BlurHash    string `json:"blurhash,omitempty"`
	Placeholder string `json:"placeholder,omitempty"` // a data URI
}

// Photo is one of the manifest.
type Photo struct {
	ID       string  `json:"id"`     // no other photo's
	Source   string  `json:"source"` // the path in the inbox
	Name     string  `json:"name"`   // of the file, without its extension
	Album    string  `json:"album"`  // the folder in the inbox, "" for its top
	Hash     string  `json:"hash,omitempty"`
	Width    int     `json:"width"` // of the photo, pixels
	Height   int     `json:"height"`
	Aspect   float64 `json:"aspect"`   // width by height
	Modified string  `json:"modified"` // RFC 3339
	About
	Transparent bool `json:"transparent,omitempty"` // its placeholder would be seen through it for ever

	Src     string   `json:"src,omitempty"`    // for an <img>: of the last of Sources
	Srcset  string   `json:"srcset,omitempty"` // and its widths
	Sources []Source `json:"sources"`          // by format, the smallest files first, what every browser knows last
	Snippet string   `json:"snippet,omitempty"`
	Outputs []Output `json:"outputs"` // all of them, crops too
}

// Source is a <source> of a <picture>: what there is of a photo in one format.
type Source struct {
	Format string `json:"format"`
	Type   string `json:"type"` // of media
	Srcset string `json:"srcset"`
}

// Output is one file.
type Output struct {
	Path    string `json:"path"` // below the output folder
	URL     string `json:"url"`
	Variant string `json:"variant"`
	Format  string `json:"format"`
	Width   int    `json:"width"` // pixels
	Height  int    `json:"height"`
	Bytes   int64  `json:"bytes"`
}

// formats are in the order in which a browser is offered them.
var formats = []string{"avif", "webp", "png", "gif", "jpeg"}

// preferred is the widest output that Src names: it is for readers of feeds and for what knows no srcset.
const preferred = 1280

// Complete fills in what follows from a photo's size, name and outputs. base is put before paths to make URLs.
func (p *Photo) Complete(base string) {
	if p.Height > 0 {
		p.Aspect = math.Round(1e4*float64(p.Width)/float64(p.Height)) / 1e4
	}
	p.Transparent = p.Placeholder != "" && !strings.HasPrefix(p.Placeholder, opaque)
	for i := range p.Outputs {
		p.Outputs[i].URL = base + escape(p.Outputs[i].Path)
	}
	slices.SortStableFunc(p.Outputs, func(a, b Output) int {
		return cmp.Or(cmp.Compare(slices.Index(formats, a.Format), slices.Index(formats, b.Format)), cmp.Compare(a.Width, b.Width),
			cmp.Compare(a.Height, b.Height), cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Path, b.Path)) // 640w before 1280w that is as wide
	})
	p.Sources = []Source{}
	for _, f := range formats {
		p.offer(f)
	}
}

// offer adds the source of one format, and makes it the one for an <img>.
func (p *Photo) offer(format string) {
	var candidates []string
	width, src := 0, ""
	for _, o := range p.Outputs {
		if o.Format != format || o.Width == width || !p.shows(o) { // where nothing is enlarged, variants may be of one size
			continue
		}
		width = o.Width
		if src == "" || width <= preferred {
			src = o.URL
		}
		candidates = append(candidates, o.URL+" "+strconv.Itoa(o.Width)+"w")
	}
	if len(candidates) > 0 {
		p.Src, p.Srcset = src, strings.Join(candidates, ", ")
		p.Sources = append(p.Sources, Source{format, "image/" + format, p.Srcset})
	}
}

// shows reports whether an output is the whole photo: of its shape, but for rounding to whole pixels. A srcset may offer nothing else.
func (p *Photo) shows(o Output) bool {
	return o.Width > 0 && abs(o.Width*p.Height-o.Height*p.Width) <= max(p.Width, p.Height)
}

func abs(n int) int { return max(n, -n) }

// escape makes a path part of a URL. Commas and spaces, which a srcset takes for ends, are among what it escapes.
func escape(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// Place fills in what follows from a photo's path in the inbox.
func (p *Photo) Place(source string) {
	p.ID, p.Source = source, source
	dir, file := path.Split(source)
	p.Album = strings.TrimSuffix(dir, "/")
	if p.Name = strings.TrimSuffix(file, path.Ext(file)); p.Name == "" {
		p.Name = file
	}
}
