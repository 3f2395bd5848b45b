package meta

import (
	"math"
	"strconv"
	"strings"
	"time"
)

func (a *About) fromXMP(rdf *node, orientation int) {
	put(&a.Title, rdf.text1(nsDC, "title"))
	put(&a.Title, rdf.text1(nsPhotoshop, "Headline"))
	put(&a.Caption, rdf.text1(nsDC, "description"))
	put(&a.Alt, rdf.text1(nsIPTC, "AltTextAccessibility"))
	put(&a.Creator, strings.Join(rdf.texts(nsDC, "creator"), ", "))
	put(&a.Copyright, rdf.text1(nsDC, "rights"))
	put(&a.Credit, rdf.text1(nsPhotoshop, "Credit"))
	for _, s := range rdf.texts(nsDC, "subject") {
		a.keyword(s)
	}
	if r, err := strconv.ParseFloat(rdf.text1(nsXMP, "Rating"), 64); err == nil && r >= -1 && r <= 5 {
		a.Rating = int(r)
	}
	for _, date := range []name{{nsEXIF, "DateTimeOriginal"}, {nsPhotoshop, "DateCreated"}, {nsXMP, "CreateDate"}} {
		put(&a.Taken, dated(rdf.text1(date.space, date.local)))
	}
	a.regions(rdf, orientation)
}

// dated is a date in one of ISO 8601's forms that XMP allows, as it is; "" for anything else.
func dated(s string) string {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(layout, s); err == nil {
			return s
		}
	}
	return ""
}

// property finds a property of the picture: an element, or an attribute, which is given as an element.
func (rdf *node) property(space, local string) *node {
	for _, d := range rdf.children {
		if found := d.member(space, local); found != nil {
			return found
		}
	}
	return nil
}

// member is an element's or attribute of n, or of the rdf:Description that n may have instead of members.
func (n *node) member(space, local string) *node {
	if n == nil {
		return nil
	}
	want := name{space, local}
	for _, c := range n.children {
		if c.name == want {
			return c
		}
	}
	for _, a := range n.attrs {
		if a.name == want {
			return &node{name: want, text: []byte(a.value)}
		}
	}
	if len(n.children) == 1 && n.children[0].name == (name{nsRDF, "Description"}) {
		return n.children[0].member(space, local)
	}
	return nil
}

// items are a list's elements (rdf:Bag, rdf:Seq, rdf:Alt), or what is no list itself.
func (n *node) items() []*node {
	switch {
	case n == nil:
		return nil
	case len(n.children) == 1 && n.children[0].space == nsRDF && (n.children[0].local == "Bag" || n.children[0].local == "Seq" || n.children[0].local == "Alt"):
		return n.children[0].children
	}
	return []*node{n}
}

func (n *node) trimmed() string { return clean(string(n.text)) }

// texts are a property's, one for each item.
func (rdf *node) texts(space, local string) []string {
	var all []string
	for _, n := range rdf.property(space, local).items() {
		if s := n.trimmed(); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// text1 is a property's text; where there are several languages, the default one.
func (rdf *node) text1(space, local string) string {
	items := rdf.property(space, local).items()
	for _, n := range items {
		if lang := n.member(nsXML, "lang"); lang != nil && lang.trimmed() == "x-default" {
			return n.trimmed()
		}
	}
	if len(items) == 0 {
		return ""
	}
	return items[0].trimmed()
}

// regions reads the Metadata Working Group's.
func (a *About) regions(rdf *node, orientation int) {
	list := rdf.property(nsRegions, "Regions").member(nsRegions, "RegionList")
	for _, n := range list.items() {
		area := n.member(nsRegions, "Area")
		value := func(local string) float64 {
			m := area.member(nsArea, local)
			if m == nil {
				return 0
			}
			v, err := strconv.ParseFloat(m.trimmed(), 64)
			if err != nil || math.IsNaN(v) || v < 0 || v > 1 {
				return math.NaN()
			}
			return v
		}
		text := func(local string) string {
			if m := n.member(nsRegions, local); m != nil {
				return m.trimmed()
			}
			return ""
		}
		r := Region{text("Type"), text("Name"), value("x"), value("y"), value("w"), value("h")}
		if area == nil || math.IsNaN(r.X+r.Y+r.W+r.H) || len(a.Regions) == maxRegions {
			continue
		}
		a.Regions = append(a.Regions, r.upright(orientation))
	}
}

// upright turns a region with the picture: they are marked on the pixels as stored.
func (r Region) upright(orientation int) Region {
	if orientation >= 5 { // transposed, and then as its counterpart
		r.X, r.Y, r.W, r.H = r.Y, r.X, r.H, r.W
	}
	switch orientation {
	case 2, 6:
		r.X = 1 - r.X
	case 3, 7:
		r.X, r.Y = 1-r.X, 1-r.Y
	case 4, 8:
		r.Y = 1 - r.Y
	}
	return r
}
