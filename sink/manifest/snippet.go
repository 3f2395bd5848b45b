package manifest

import (
	"cmp"
	"fmt"
	"html"
	"strings"
)

// opaque begins the data URIs of placeholders without transparency.
const opaque = "data:image/jpeg"

// Picture is a photo as HTML: a <picture> that takes its room before it is there, and shows its placeholder in it, unless one would see it
// through the photo for ever.
func (p *Photo) Picture(sizes string) []byte {
	if len(p.Sources) == 0 {
		return []byte("<!-- no output shows the whole photo -->\n")
	}
	var b strings.Builder
	quoted := func(name, value string) string { return fmt.Sprintf(` %s="%s"`, name, html.EscapeString(value)) }
	b.WriteString("<picture>\n")
	for _, s := range p.Sources[:len(p.Sources)-1] {
		b.WriteString("  <source" + quoted("type", s.Type) + quoted("srcset", s.Srcset) + quoted("sizes", sizes) + ">\n")
	}
	b.WriteString("  <img" + quoted("src", p.Src) + quoted("srcset", p.Srcset) + quoted("sizes", sizes))
	fmt.Fprintf(&b, ` width="%d" height="%d"`, p.Width, p.Height)
	b.WriteString(quoted("alt", cmp.Or(p.Alt, p.Caption, p.Title)) + ` loading="lazy" decoding="async"`)
	if p.Placeholder != "" && !p.Transparent {
		b.WriteString(quoted("style", "background: "+p.Color+" url("+p.Placeholder+") center / cover"))
	}
	b.WriteString(">\n</picture>\n")
	return []byte(b.String())
}
