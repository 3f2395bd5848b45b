package meta

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
)

// The namespaces of XMP that matter (ISO 16684-1, and the specifications of those who made them).
const (
	nsX         = "adobe:ns:meta/"
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsXML       = "http://www.w3.org/XML/1998/namespace"
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsXMP       = "http://ns.adobe.com/xap/1.0/"
	nsRights    = "http://ns.adobe.com/xap/1.0/rights/"
	nsNote      = "http://ns.adobe.com/xmp/note/"
	nsTIFF      = "http://ns.adobe.com/tiff/1.0/"
	nsEXIF      = "http://ns.adobe.com/exif/1.0/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsIPTC      = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
	nsIPTCExt   = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	nsPLUS      = "http://ns.useplus.org/ldf/xmp/1.0/"
	nsRegions   = "http://www.metadataworkinggroup.com/schemas/regions/"
	nsArea      = "http://ns.adobe.com/xmp/sType/Area#"
	nsGeo       = "http://www.w3.org/2003/01/geo/wgs84_pos#"
	nsHDR       = "http://ns.adobe.com/hdr-gain-map/1.0/"
	nsAppleGain = "http://ns.apple.com/HDRGainMap/1.0/"
	nsAppleData = "http://ns.apple.com/pixeldatainfo/1.0/"
	nsContainer = "http://ns.google.com/photos/1.0/container/"
	nsItem      = "http://ns.google.com/photos/1.0/container/item/"
	nsGImage    = "http://ns.google.com/photos/1.0/image/"
	nsGAudio    = "http://ns.google.com/photos/1.0/audio/"
	nsGDepth    = "http://ns.google.com/photos/1.0/depthmap/"
	nsGCamera   = "http://ns.google.com/photos/1.0/camera/" // where a film lies behind the picture
)

// name is an element's or attribute's, its namespace resolved.
type name struct{ space, local string }

// node is an element of a packet. Attributes that declare namespaces are kept apart.
type node struct {
	name
	prefix     string
	attrs      []attr
	namespaces []attr
	children   []*node
	text       []byte // of an element without children
}

type attr struct {
	name
	prefix, value string
}

const (
	maxNodes     = 20000 // elements, attributes and texts of a packet that is copied
	maxNodesRead = 4000  // of one that is only read, in a megabyte
	maxDepth     = 64
)

// parseXMP returns a packet's rdf:RDF; nil for what is no well-formed XML, uses entities of its own, or is too large.
func parseXMP(b []byte, nodes int) *node {
	if len(b) == 0 || len(b) > maxXMP {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimRight(b, "\x00")))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, io.ErrUnexpectedEOF }
	root := &node{}
	stack := []*node{root}
	for {
		t, err := d.RawToken()
		if err == io.EOF && len(stack) == 1 {
			return root.rdf()
		}
		if err != nil {
			return nil
		}
		if nodes--; nodes < 0 {
			return nil
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if nodes -= len(t.Attr); nodes < 0 || len(stack) > maxDepth {
				return nil
			}
			n := element(t, stack)
			top.children, top.text = append(top.children, n), nil
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) == 1 || t.Name.Local != top.local || t.Name.Space != top.prefix {
				return nil
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(top.children) == 0 && len(stack) > 1 {
				top.text = append(top.text, t...)
			}
		case xml.Directive:
			return nil
		}
	}
}

// element resolves a start tag's names against the declarations around it.
func element(t xml.StartElement, around []*node) *node {
	n := &node{prefix: t.Name.Space}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			n.namespaces = append(n.namespaces, attr{prefix: a.Name.Local, value: a.Value})
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			n.namespaces = append(n.namespaces, attr{value: a.Value})
		default:
			n.attrs = append(n.attrs, attr{name: name{local: a.Name.Local}, prefix: a.Name.Space, value: a.Value})
		}
	}
	resolve := func(prefix string) string {
		if prefix == "xml" {
			return nsXML
		}
		for i := len(around); i >= 0; i-- {
			m := n
			if i < len(around) {
				m = around[i]
			}
			for _, d := range m.namespaces {
				if d.prefix == prefix {
					return d.value
				}
			}
		}
		return ""
	}
	n.name = name{resolve(t.Name.Space), t.Name.Local}
	for i := range n.attrs {
		if p := n.attrs[i].prefix; p != "" {
			n.attrs[i].space = resolve(p)
		}
	}
	return n
}

// rdf finds the rdf:RDF.
func (n *node) rdf() *node {
	for _, c := range n.children {
		if c.name == (name{nsRDF, "RDF"}) {
			return c
		}
		if c.name == (name{nsX, "xmpmeta"}) {
			c.inherit(n.namespaces)
			if found := c.rdf(); found != nil {
				found.inherit(c.namespaces)
				return found
			}
		}
	}
	return nil
}

// inherit takes over the declarations of an element that is left out.
func (n *node) inherit(outer []attr) {
	for _, o := range outer {
		if !slices.ContainsFunc(n.namespaces, func(a attr) bool { return a.prefix == o.prefix }) {
			n.namespaces = append(n.namespaces, o)
		}
	}
}

// rights are the properties that say whose picture it is, and on what terms it may be used: those that image searches show, too.
var rights = []name{
	{nsDC, "creator"}, {nsDC, "rights"}, {nsRights, "Marked"}, {nsRights, "WebStatement"}, {nsRights, "UsageTerms"}, {nsRights, "Owner"},
	{nsRights, "Certificate"}, {nsPhotoshop, "Credit"}, {nsPhotoshop, "Source"}, {nsPhotoshop, "AuthorsPosition"},
	{nsIPTCExt, "DigitalSourceType"}, {nsPLUS, "Licensor"}, {nsPLUS, "CopyrightOwner"}, {nsPLUS, "ImageCreator"}, {nsPLUS, "ImageSupplier"},
	{nsPLUS, "DataMining"}, {nsPLUS, "OtherConstraints"}, {nsIPTC, "CreatorContactInfo"}, {nsTIFF, "Artist"}, {nsTIFF, "Copyright"},
}

// untrue are the properties that an output makes untrue, or that point to what it has not.
var untrue = []name{
	{nsTIFF, "Orientation"}, {nsTIFF, "ImageWidth"}, {nsTIFF, "ImageLength"}, {nsTIFF, "Compression"}, {nsTIFF, "PhotometricInterpretation"},
	{nsTIFF, "SamplesPerPixel"}, {nsTIFF, "BitsPerSample"}, {nsTIFF, "PlanarConfiguration"}, {nsTIFF, "YCbCrSubSampling"}, {nsTIFF, "YCbCrPositioning"},
	{nsTIFF, "TransferFunction"}, {nsTIFF, "WhitePoint"}, {nsTIFF, "PrimaryChromaticities"}, {nsEXIF, "ColorSpace"}, {nsEXIF, "PixelXDimension"},
	{nsEXIF, "PixelYDimension"}, {nsEXIF, "MakerNote"}, {nsPhotoshop, "ICCProfile"}, {nsPhotoshop, "ColorMode"}, {nsXMP, "Thumbnails"},
	{nsNote, "HasExtendedXMP"},
}

// elsewhere are namespaces of what lies outside of the packet, or is a picture or a film of its own.
var elsewhere = []string{nsHDR, nsContainer, nsGImage, nsGAudio, nsGDepth, nsGCamera}

// positional says whether a property tells a position, in whoever's namespace: drones write some of their own.
func (n name) positional() bool {
	local := strings.ToLower(n.local)
	return n.space == nsGeo || strings.HasPrefix(local, "gps") || strings.Contains(local, "latitude") || strings.Contains(local, "longitude") || strings.Contains(local, "longtitude")
}

// filterXMP is what may stay of a packet.
func filterXMP(b []byte, k Keep) []byte {
	rdf := parseXMP(b, maxNodes)
	if rdf == nil {
		return nil
	}
	stays := func(n name) bool {
		if k.Level < All {
			return slices.Contains(rights, n)
		}
		return !slices.Contains(untrue, n) && !slices.Contains(elsewhere, n.space)
	}
	var kept []*node
	for _, d := range rdf.children {
		if d.name != (name{nsRDF, "Description"}) {
			continue
		}
		d.children = slices.DeleteFunc(d.children, func(c *node) bool { return !stays(c.name) })
		d.attrs = slices.DeleteFunc(d.attrs, func(a attr) bool { return a.space != nsRDF && a.space != nsXML && !stays(a.name) })
		if !k.GPS {
			d.unplace()
		}
		if len(d.children) > 0 || slices.ContainsFunc(d.attrs, func(a attr) bool { return a.space != nsRDF && a.space != nsXML }) {
			kept = append(kept, d)
		}
	}
	if rdf.children = kept; len(kept) == 0 {
		return nil
	}
	rdf.prune(map[string]bool{})
	return packet(rdf)
}

// unplace takes all positions out, however deep.
func (n *node) unplace() {
	n.children = slices.DeleteFunc(n.children, func(c *node) bool { return c.positional() })
	n.attrs = slices.DeleteFunc(n.attrs, func(a attr) bool { return a.positional() })
	for _, c := range n.children {
		c.unplace()
	}
}

// prune takes declarations out that nothing uses any more, and adds to used what is.
func (n *node) prune(used map[string]bool) {
	below := map[string]bool{n.prefix: true}
	for _, a := range n.attrs {
		below[a.prefix] = true
	}
	for _, c := range n.children {
		c.prune(below)
	}
	n.namespaces = slices.DeleteFunc(n.namespaces, func(a attr) bool { return !below[a.prefix] })
	for p := range below {
		if !slices.ContainsFunc(n.namespaces, func(a attr) bool { return a.prefix == p }) {
			used[p] = true
		}
	}
}

// packet writes a packet without room to grow, as one that is only read.
func packet(rdf *node) []byte {
	out := []byte("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">")
	out = rdf.append(out)
	return append(out, "</x:xmpmeta><?xpacket end=\"r\"?>"...)
}

func (n *node) append(out []byte) []byte {
	tag := qualified(n.prefix, n.local)
	out = append(append(out, '<'), tag...)
	for _, a := range n.namespaces {
		key := "xmlns"
		if a.prefix != "" {
			key = "xmlns:" + a.prefix
		}
		out = appendAttr(out, key, a.value)
	}
	for _, a := range n.attrs {
		out = appendAttr(out, qualified(a.prefix, a.local), a.value)
	}
	if len(n.children)+len(n.text) == 0 {
		return append(out, "/>"...)
	}
	out = append(out, '>')
	for _, c := range n.children {
		out = c.append(out)
	}
	if len(n.children) == 0 {
		out = appendEscaped(out, string(n.text))
	}
	return append(append(append(out, "</"...), tag...), '>')
}

func qualified(prefix, local string) string {
	if prefix == "" {
		return local
	}
	return prefix + ":" + local
}

func appendAttr(out []byte, key, value string) []byte {
	out = append(append(append(out, ' '), key...), `="`...)
	return append(appendEscaped(out, value), '"')
}

func appendEscaped(out []byte, s string) []byte {
	b := bytes.NewBuffer(out)
	_ = xml.EscapeText(b, []byte(s)) // a Buffer takes everything
	return b.Bytes()
}
