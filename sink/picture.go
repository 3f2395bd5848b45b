package sink

import (
	"slices"

	"pixmill/sink/ledger"
)

// pictureVariant is the variant of a snippet of HTML; config.toml's variants can't be named so.
const pictureVariant = "<picture>"

// Picture is an output that Commit makes itself, of the others: a <picture> that shows them. It is named after the whole file, as a.jpg and
// a.png may have one each. recipe is a digest of all that the other outputs' names and sizes depend on.
func Picture(recipe string) Output {
	return Output{Variant: pictureVariant, Format: "html", Ext: "html", Template: "{dir}/{file}.{ext}", Recipe: recipe}
}

// Told is what a Picture of a pipeline's photos depends on besides the outputs.
func (s *Sink) Told(pipeline string) any {
	m := s.branch(pipeline).Manifest
	m.File, m.List = "", false
	return m
}

// pictured fills in the data of a Picture among outputs of which the names are known now.
func (s *Sink) pictured(src Source, outs []Output, names []string) []Output {
	at := slices.IndexFunc(outs, func(o Output) bool { return o.Variant == pictureVariant && o.Lacking() })
	if at < 0 {
		return outs
	}
	row := s.entry(src, Record{})
	for i, o := range outs {
		row.Outputs = append(row.Outputs, ledger.Output{Path: names[i], Variant: o.Variant, Format: o.Format, Width: o.Width, Height: o.Height})
	}
	b := s.of(src)
	photo := b.photo(row)
	outs = slices.Clone(outs)
	outs[at].Data = photo.Picture(b.Manifest.Sizes)
	return outs
}
