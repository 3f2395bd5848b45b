package manifest

import (
	"bufio"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strings"
)

// Album is a folder of the inbox with photos right in it.
type Album struct {
	Path   string `json:"path"` // "" for the inbox itself
	Title  string `json:"title"`
	Photos int    `json:"photos"`
	Cover  string `json:"cover"` // the first one's ID
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"` // the first and the last date
}

// Writer writes a manifest photo by photo, in the order of their sources, and keeps none of them.
type Writer struct {
	out    *bufio.Writer
	list   bool
	last   string // the source of the photo before
	photos int
	albums []*Album
	known  map[string]*Album
}

// NewWriter begins a manifest: an object with the lists "photos" and "albums", or the list of photos alone.
func NewWriter(w io.Writer, list bool) *Writer {
	m := &Writer{out: bufio.NewWriterSize(w, 64<<10), list: list, known: map[string]*Album{}}
	if !list {
		m.out.WriteString("{\"photos\": ")
	}
	m.out.WriteString("[")
	return m
}

// Add writes a photo. One that has its source in common with the one before is told apart by its hash.
func (m *Writer) Add(p Photo) error {
	if m.photos > 0 && p.Source == m.last {
		p.ID += "~" + p.Hash[:min(6, len(p.Hash))]
	}
	m.last = p.Source
	separator := ",\n"
	if m.photos == 0 {
		separator = "\n"
	}
	m.photos++
	m.album(p)
	m.out.WriteString(separator)
	return m.value(p)
}

// value writes one line of JSON; a bufio.Writer keeps its first error for Flush.
func (m *Writer) value(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	m.out.Write(text)
	return nil
}

// album counts a photo in its album. Dates compare as text, zones left out of account.
func (m *Writer) album(p Photo) {
	a := m.known[p.Album]
	if a == nil {
		a = &Album{Path: p.Album, Title: path.Base(p.Album), Cover: p.ID}
		if p.Album == "" {
			a.Title = ""
		}
		m.known[p.Album] = a
		m.albums = append(m.albums, a)
	}
	a.Photos++
	if d := p.Date; d != "" {
		if a.From == "" || d < a.From {
			a.From = d
		}
		a.To = max(a.To, d)
	}
}

// Close writes what comes behind the photos.
func (m *Writer) Close() error {
	m.out.WriteString("\n]")
	if !m.list {
		m.out.WriteString(",\n\"albums\": [")
		slices.SortFunc(m.albums, func(a, b *Album) int { return strings.Compare(a.Path, b.Path) })
		for i, a := range m.albums {
			if i > 0 {
				m.out.WriteString(",")
			}
			m.out.WriteString("\n")
			if err := m.value(a); err != nil {
				return err
			}
		}
		m.out.WriteString("\n]}")
	}
	m.out.WriteString("\n")
	return m.out.Flush()
}
