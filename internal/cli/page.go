package cli

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
	"time"
)

// pageHead is the page down to its first heading. What follows is written by functions and not by html/template: that calls methods by name, and where
// anything does, the linker keeps every exported method of every type: 6 MB, of which a good part comes into memory at each start.
//
//go:embed report.html
var pageHead string

// Sizes of the charts, in SVG units.
const (
	chartWidth  = 720
	rowHeight   = 26
	labelWidth  = 200
	figureWidth = 130
	dayHeight   = 120
	mostRows    = 30 // of a chart; the table has all
	mostDays    = 90
)

// bar is one of a chart: what there was before, and what there is after on top of it.
type bar struct {
	group
	X, Y, Text    float64 // of its box, and of the text's base line
	Width, Height float64 // of before
	AfterWidth    float64
	AfterHeight   float64
	AfterY        float64
}

// chart is a section with its bars.
type chart struct {
	section
	Bars          []bar
	Width, Height float64
	Upright       bool // days stand side by side
	Left          int  // groups that have no bar
}

func renderPage(w io.Writer, s savings) error {
	var page strings.Builder
	page.WriteString(pageHead)
	t := s.Total
	fmt.Fprintf(&page, "<h1>What pixmill saved</h1>\n<p>%d photos, %s before, %s after in all their sizes together: %s saved (%s).<br>\n",
		t.Count, t.InText(), t.OutText(), t.SavedText(), t.Change())
	fmt.Fprintf(&page, `<small><span class="key before"></span> before &ensp; <span class="key after"></span> after &ensp; as of %s</small></p>`+"\n",
		time.Now().Format("2006-01-02 15:04"))
	for i, sec := range s.Sections {
		if i == 0 {
			upright(sec).render(&page)
		} else {
			lying(sec).render(&page)
		}
	}
	page.WriteString("</html>\n")
	_, err := io.WriteString(w, page.String())
	return err
}

// render writes a chart and, below it, its table.
func (c chart) render(page *strings.Builder) {
	fmt.Fprintf(page, "<h2>By %s</h2>\n", c.Title)
	if len(c.Bars) == 0 {
		page.WriteString(`<p class="dim">Nothing yet.</p>` + "\n")
		return
	}
	fmt.Fprintf(page, `<svg viewBox="0 0 %g %g" role="img" aria-label="before and after, by %s">`+"\n", c.Width, c.Height, c.Title)
	for _, b := range c.Bars {
		b.render(page, c.Upright)
	}
	page.WriteString("</svg>\n")
	if c.Left > 0 {
		fmt.Fprintf(page, "<small>%d more in the table</small>\n", c.Left)
	}
	fmt.Fprintf(page, "<details><summary>Table</summary><table><tr><th>%s<th>%s<th>before<th>after<th>saved<th></tr>\n", c.Title, c.Counts)
	for _, g := range c.Groups {
		fmt.Fprintf(page, "<tr><td>%s<td>%d<td>%s<td>%s<td>%s<td>%s</tr>\n",
			html.EscapeString(g.Name()), g.Count, g.InText(), g.OutText(), g.SavedText(), g.Change())
	}
	page.WriteString("</table></details>\n")
}

// render writes a bar: what there was, and on top of it what there is, which begins at another height where bars stand.
func (b bar) render(page *strings.Builder, upright bool) {
	name := html.EscapeString(b.Name())
	top, width, height := b.Y, b.AfterWidth, b.Height
	if upright {
		top, width, height = b.AfterY, b.Width, b.AfterHeight
	}
	fmt.Fprintf(page, "<g><title>%s: %s before, %s after</title>", name, b.InText(), b.OutText())
	if !upright {
		fmt.Fprintf(page, `<text x="192" y="%.1f" text-anchor="end">%s</text>`, b.Text, name)
	}
	const box = `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"`
	fmt.Fprintf(page, box+"/>", "before", b.X, b.Y, b.Width, b.Height)
	fmt.Fprintf(page, box+` opacity=".85"/>`, "after", b.X, top, width, height)
	if !upright {
		fmt.Fprintf(page, `<text class="dim" x="718" y="%.1f" text-anchor="end">%s (%s)</text>`, b.Text, b.SavedText(), b.Change())
	}
	page.WriteString("</g>\n")
}

func largest(groups []group) float64 {
	most := int64(1)
	for _, g := range groups {
		most = max(most, g.In, g.Out)
	}
	return float64(most)
}

// lying has a bar a line, its name before it and its figures behind.
func lying(sec section) chart {
	shown := sec.Groups[:min(mostRows, len(sec.Groups))]
	c := chart{section: sec, Width: chartWidth, Height: float64(len(shown) * rowHeight), Left: len(sec.Groups) - len(shown)}
	unit := (chartWidth - labelWidth - figureWidth) / largest(shown)
	for i, g := range shown {
		y := float64(i * rowHeight)
		c.Bars = append(c.Bars, bar{group: g, X: labelWidth, Y: y + 4, Text: y + 17, Width: float64(g.In) * unit, Height: rowHeight - 8,
			AfterWidth: float64(g.Out) * unit})
	}
	return c
}

// upright has the last days side by side.
func upright(sec section) chart {
	shown := slices.Clone(sec.Groups[max(0, len(sec.Groups)-mostDays):])
	c := chart{section: sec, Width: chartWidth, Height: dayHeight, Upright: true, Left: len(sec.Groups) - len(shown)}
	if len(shown) == 0 {
		return c
	}
	step := min(48, chartWidth/float64(len(shown)))
	unit := dayHeight / largest(shown)
	for i, g := range shown {
		before, after := float64(g.In)*unit, float64(g.Out)*unit
		c.Bars = append(c.Bars, bar{group: g, X: float64(i) * step, Y: dayHeight - before, Width: step * 0.8, Height: before,
			AfterY: dayHeight - after, AfterHeight: after})
	}
	return c
}
