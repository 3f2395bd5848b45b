package dashboard

import (
	"fmt"
	"strings"

	"pixmill/internal/pipeline"
)

// Fact is one thing that a photo says of itself.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// says is what a photo's metadata tell, as its header had them; where it was taken stays with the photo.
func says(probe []byte) []Fact {
	facts := []Fact{}
	info, ok := pipeline.Header(probe)
	if !ok || info.About == nil {
		return facts
	}
	a := info.About
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, Fact{name, value})
		}
	}
	add("Title", a.Title)
	add("Caption", a.Caption)
	add("Taken", strings.Replace(a.Taken, "T", " ", 1))
	add("Camera", a.Camera)
	add("Lens", a.Lens)
	add("Exposure", exposure(a.Exposure, a.Aperture, a.ISO, a.Focal))
	add("By", a.Creator)
	add("Copyright", a.Copyright)
	add("Keywords", strings.Join(a.Keywords, ", "))
	return facts
}

// exposure is "1/250 s, f/2.8, ISO 100, 35 mm", as far as it is known.
func exposure(time string, aperture float64, iso int, focal float64) string {
	var parts []string
	add := func(known bool, format string, value any) {
		if known {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add(time != "", "%s s", time)
	add(aperture > 0, "f/%g", aperture)
	add(iso > 0, "ISO %d", iso)
	add(focal > 0, "%g mm", focal)
	return strings.Join(parts, ", ")
}
