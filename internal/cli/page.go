package cli

import (
	_ "embed"
	"html/template"
	"io"
	"slices"
	"time"
)

//go:embed report.html
var pageText string

var pageTemplate = template.Must(template.New("report").Parse(pageText))

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
	page := struct {
		Total  group
		Charts []chart
		Made   string
	}{s.Total, nil, time.Now().Format("2006-01-02 15:04")}
	for i, sec := range s.Sections {
		if i == 0 {
			page.Charts = append(page.Charts, upright(sec))
		} else {
			page.Charts = append(page.Charts, lying(sec))
		}
	}
	return pageTemplate.Execute(w, page)
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
