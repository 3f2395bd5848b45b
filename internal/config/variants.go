package config

import (
	"fmt"
	"image/color"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxSide is the largest width or height of an output, in pixels: JPEG's own.
const maxSide = 65500

// The words config.toml may use; package cli's tests hold them to what package resize knows.
var (
	Fits      = []string{"inside", "outside", "cover", "contain", "fill"}
	Kernels   = []string{"lanczos3", "lanczos2", "mitchell", "cubic", "linear", "box", "nearest"}
	Formats   = []string{"same", "jpeg", "png", "webp", "avif", "gif"}
	Places    = []string{"center", "top", "right top", "right", "right bottom", "bottom", "left bottom", "left", "left top"}
	Positions = append(slices.Clone(Places), "entropy", "attention")

	Efforts    = []string{"fast", "balanced", "small"}
	Animations = []string{"keep", "first"}
	Metadatas  = []string{"none", "copyright", "all"}
	Colours    = []string{"srgb", "keep"}
	HDRs       = []string{"keep", "drop"}

	// LossyFormats are those that have a quality.
	LossyFormats = []string{"jpeg", "webp", "avif"}
)

const defaultPath = "{dir}/{name}-{variant}.{ext}"

var white = color.NRGBA{R: 255, G: 255, B: 255, A: 255}

// plainVariant is what holds for all where the file says nothing.
var plainVariant = Variant{
	Fit:        "inside",
	Position:   "center",
	Kernel:     "lanczos3",
	Formats:    []string{"same"},
	Quality:    Quality{All: 80},
	Effort:     "fast",
	Animation:  "keep",
	Metadata:   "copyright",
	Color:      "srgb",
	HDR:        "keep",
	Background: white,
	Finish:     plainFinish,
	Path:       defaultPath,
}

// readCommon reads what holds for all variants of a table.
func readCommon(top *table, def Variant) Variant {
	v := def
	v.Formats = readFormats(top, v.Formats)
	v.Quality = top.quality("quality", v.Quality)
	v.MaxBytes = top.size("max_bytes", strconv.FormatInt(v.MaxBytes, 10))
	v.MinSavings = top.percent("min_savings", v.MinSavings)
	v.Effort = top.word("effort", v.Effort, Efforts)
	v.Animation = top.word("animation", v.Animation, Animations)
	v.Metadata = top.word("metadata", v.Metadata, Metadatas)
	v.GPS = top.flag("gps", v.GPS)
	v.Color = top.word("color", v.Color, Colours)
	v.HDR = top.word("hdr", v.HDR, HDRs)
	v.Colors = readColors(top, v.Colors)
	v.Background = top.colour("background", v.Background)
	v.Finish = readFinish(top, v.Finish)
	return v
}

// readVariants reads the variants of a table, with what it has in common for all of them. Where it names none, they are those inherited, with
// what the table says; nil: the usual widths.
func readVariants(top *table, common Variant, inherited []Variant) []Variant {
	tables := top.list("variant")
	if _, given := top.m["widths"]; !given && len(tables) == 0 && inherited != nil {
		top.known = append(top.known, "widths")
		return top.adapt(inherited)
	}
	var usual []int
	if len(tables) == 0 {
		usual = []int{320, 640, 960, 1280, 1920}
	}
	var all []Variant
	for _, w := range top.widths("widths", usual) {
		v := common
		v.Name, v.Width = fmt.Sprintf("%dw", w), w
		all = append(all, v)
	}
	for _, t := range tables {
		all = append(all, readVariant(t, common))
	}
	if len(all) == 0 && !top.doc.failed(top.at("widths")) {
		top.fail("widths", "is empty, and there is no [[variant]]: nothing would be made: name at least one width")
	}
	checkPaths(top, all, len(all)-len(tables))
	return all
}

// adapt returns variants with what a table says for all of its own. Its mistakes are told already.
func (t *table) adapt(variants []Variant) []Variant {
	silent := &table{doc: &document{file: t.doc.file}, m: t.m}
	all := make([]Variant, len(variants))
	for i, v := range variants {
		all[i] = readCommon(silent, v)
	}
	return all
}

func readVariant(t *table, common Variant) Variant {
	defer t.done()
	v := common
	v.Name = t.text("name", "")
	if !variantName.MatchString(v.Name) {
		t.fail("name", "%q is not a variant's name: write letters, digits, - and _, as in name = \"large\"", v.Name)
	}
	v.Width = int(t.whole("width", 0, 0, maxSide))
	v.Height = int(t.whole("height", 0, 0, maxSide))
	v.Fit = t.word("fit", v.Fit, Fits)
	v.Position = t.word("position", v.Position, Positions)
	v.Enlarge = t.flag("enlarge", v.Enlarge)
	v.Kernel = t.word("kernel", v.Kernel, Kernels)
	v.Formats = readFormats(t, v.Formats)
	v.Quality = t.quality("quality", v.Quality)
	v.MaxBytes = t.size("max_bytes", strconv.FormatInt(v.MaxBytes, 10))
	v.MinSavings = t.percent("min_savings", v.MinSavings)
	v.Effort = t.word("effort", v.Effort, Efforts)
	v.Animation = t.word("animation", v.Animation, Animations)
	v.Metadata = t.word("metadata", v.Metadata, Metadatas)
	v.GPS = t.flag("gps", v.GPS)
	v.Color = t.word("color", v.Color, Colours)
	v.HDR = t.word("hdr", v.HDR, HDRs)
	v.Colors = readColors(t, v.Colors)
	v.Background = t.colour("background", v.Background)
	v.Finish = readFinish(t, v.Finish)
	v.Path = t.text("path", v.Path)
	if (v.Width == 0 || v.Height == 0) && (v.Fit == "cover" || v.Fit == "contain") {
		t.fail("fit", "%q needs both width and height: write the missing one, or fit = \"inside\"", v.Fit)
	}
	if slices.Contains([]string{"entropy", "attention"}, v.Position) && v.Fit != "cover" {
		t.fail("position", "%q says what a cut keeps, and fit = %q cuts nothing: write fit = \"cover\" with it", v.Position, v.Fit)
	}
	checkGPS(t, v)
	checkTemplate(t, v.Path)
	return v
}

// checkGPS refuses a position that is asked for where it cannot go.
func checkGPS(t *table, v Variant) {
	if asked, _ := t.m["gps"].(bool); asked && v.Metadata != "all" && !t.doc.failed(t.at("metadata")) {
		t.fail("gps", "true has no effect under metadata = %q: write metadata = \"all\" with it", v.Metadata)
	}
}

var variantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// readColors reads the size of a palette, or 0 for none.
func readColors(t *table, def int) int {
	n := int(t.whole("colors", int64(def), 0, 256))
	if n == 1 {
		t.fail("colors", "1 is too few: write 2 to 256, or 0 for as many as there are")
		return def
	}
	return n
}

// readFormats takes `formats = [...]` or, for one, `format = "..."`.
func readFormats(t *table, def []string) []string {
	key, list := "formats", t.texts("formats", nil)
	if one := t.text("format", ""); one != "" {
		if list != nil {
			t.fail("format", "stands beside formats: keep one of the two")
		}
		key, list = "format", []string{one}
	}
	_, given := t.m[key]
	switch {
	case !given:
		return def
	case len(list) == 0 && t.doc.failed(t.at(key)):
		return def
	case len(list) == 0:
		t.fail(key, "is empty: name at least one of %s", strings.Join(Formats, ", "))
		return def
	}
	for i, f := range list {
		switch {
		case f == "heic" || f == "tiff" || f == "bmp":
			t.fail(key, "%q can be read but not written: write \"same\", \"jpeg\", \"avif\" or \"png\"", f)
		case !slices.Contains(Formats, f):
			t.fail(key, "%q is none of %s%s", f, strings.Join(Formats, ", "), meant(f, Formats))
		case slices.Contains(list[:i], f):
			t.fail(key, "%q stands in the list twice: leave one out", f)
		}
	}
	return list
}

// Placeholders are what an output's path template may hold.
var Placeholders = []string{"{dir}", "{name}", "{variant}", "{format}", "{ext}", "{hash}"}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func checkTemplate(t *table, template string) {
	for _, p := range placeholder.FindAllString(template, -1) {
		if !slices.Contains(Placeholders, p) {
			t.fail("path", "%s is none of %s%s", p, strings.Join(Placeholders, ", "), meant(p, Placeholders))
		}
	}
	for _, needed := range []string{"{name}", "{ext}"} {
		if !strings.Contains(path.Base(template), needed) {
			t.fail("path", "%q lacks %s in its file name: write a path such as %q", template, needed, defaultPath)
		}
	}
	// {dir} is "." for a photo at the top of the inbox, so an absolute template or one with ".." is what is left to refuse.
	if strings.HasPrefix(template, "/") || strings.Contains(template, `\`) || slices.Contains(strings.Split(template, "/"), "..") {
		t.fail("path", "%q leaves the output folder: write a path below it, with / between folders and without ..", template)
	}
}

// checkPaths refuses two variants whose outputs would have one name; the first shorthand of them come from widths.
func checkPaths(top *table, all []Variant, shorthand int) {
	owner := map[string]int{}
	for i, v := range all {
		for _, f := range v.concreteFormats() {
			name := strings.NewReplacer("{variant}", v.Name, "{format}", f, "{ext}", f).Replace(v.Path)
			first, taken := owner[name]
			if !taken {
				owner[name] = i
				continue
			}
			if first == i || i < shorthand {
				continue
			}
			at, what := top.at(fmt.Sprintf("variant#%d.", i-shorthand)), "path"
			if all[first].Name == v.Name {
				what = "name"
			}
			top.doc.fail(at+what, fmt.Sprintf("this variant's outputs would have the same names as those of %q: give it a name of its own, with {variant} in path", all[first].Name))
			break
		}
	}
}

func (v Variant) concreteFormats() []string {
	if slices.Contains(v.Formats, "same") {
		return []string{"jpeg", "png", "webp", "avif", "gif"}
	}
	return v.Formats
}
