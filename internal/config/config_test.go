package config

import (
	"errors"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTemplateSaysTheDefaults(t *testing.T) {
	want, err := Parse("/photos/config.toml", "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse("/photos/config.toml", Template)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the template says\n%+v\nthe defaults are\n%+v", got, want)
	}
}

// The commented [[variant]] of the template must be true as well.
func TestTemplateVariant(t *testing.T) {
	_, example, found := strings.Cut(Template, "# [[variant]]")
	if !found {
		t.Fatal("the template has no commented [[variant]]")
	}
	text := "[[variant]]" + strings.ReplaceAll(example, "\n# ", "\n")
	got, err := Parse("/photos/config.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	want := Variant{Name: "large", Width: 1920, Fit: "inside", Position: "center", Kernel: "lanczos3", Formats: []string{"same"},
		Quality: Quality{All: 80}, Effort: "fast", Animation: "keep", Metadata: "copyright", Color: "srgb", HDR: "keep", Background: white, Finish: plainFinish, Path: defaultPath}
	if len(got.Variants) != 1 || !reflect.DeepEqual(got.Variants[0], want) {
		t.Errorf("got %+v, want one %+v", got.Variants, want)
	}
}

func TestTopLevelConfigIsTheTemplate(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != Template {
		t.Error("config.toml at the top differs from internal/config/template.toml: copy one over the other")
	}
}

func TestValues(t *testing.T) {
	c, err := Parse("/photos/config.toml", `
inbox = "/elsewhere/in"
widths = [100]
quality = { jpeg = 70 }
max_bytes = "20kB"
min_savings = "2.5%"
background = "#123"
[watch]
settle = "250ms"
[pool]
workers = 3
memory = "1GiB"
[limits]
pixels = 0
seconds = 5
[[variant]]
name = "square"
width = 200
height = 200
fit = "cover"
position = "right top"
format = "png"
quality = { webp = "auto" }
min_savings = "10%"
background = "#01020304"
path = "thumbs/{dir}/{name}.{ext}"
`)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	check("inbox", slashed(c.Inbox), "/elsewhere/in")
	check("output", slashed(c.Output), "/photos/output")
	check("settle", c.Watch.Settle, 250*time.Millisecond)
	check("workers", c.Pool.Workers, 3)
	check("memory", c.Pool.Memory, int64(1<<30))
	check("pixels", c.Limits.Pixels, int64(0))
	check("time", c.Limits.Time, 5*time.Second)
	check("variants", len(c.Variants), 2)
	check("shorthand", c.Variants[0].Name, "100w")
	check("shorthand quality", c.Variants[0].Quality.For("jpeg"), 70)
	check("shorthand background", c.Variants[0].Background, color.NRGBA{0x11, 0x22, 0x33, 0xff})
	check("variant quality", c.Variants[1].Quality.For("jpeg"), 80)
	check("variant quality", c.Variants[1].Quality.For("webp"), AutoQuality)
	check("shorthand savings", c.Variants[0].MinSavings, 0.025)
	check("variant savings", c.Variants[1].MinSavings, 0.1)
	check("variant bytes", c.Variants[1].MaxBytes, int64(20e3))
	check("variant formats", c.Variants[1].Formats, []string{"png"})
	check("variant background", c.Variants[1].Background, color.NRGBA{1, 2, 3, 4})
	check("variant position", c.Variants[1].Position, "right top")
}

func TestHooks(t *testing.T) {
	c, err := Parse("/photos/config.toml", `[hooks]
on_done = ["./deploy.sh", "{ print $1 } {print}", "{outputs}"]
on_idle = ["hugo", "--destination={output}"]
timeout = "1s"
parallel = 1`)
	if err != nil {
		t.Fatal(err)
	}
	want := Hooks{
		OnDone:    []string{filepath.Join(filepath.Dir(c.Inbox), "deploy.sh"), "{ print $1 } {print}", "{outputs}"},
		OnIdle:    []string{"hugo", "--destination={output}"},
		IdleAfter: 2 * time.Second, Timeout: time.Second, Parallel: 1,
	}
	if !reflect.DeepEqual(c.Hooks, want) {
		t.Errorf("got %+v, want %+v", c.Hooks, want)
	}
}

// What a pipeline leaves out is as at the top, its folders excepted.
func TestPipelines(t *testing.T) {
	c, err := Parse("/photos/config.toml", `
widths = [100, 200]
quality = 70
[originals]
done = "archive"
[limits]
width = 5000
[[pipeline]]
name = "plain"
inbox = "p/in"
output = "p/out"
[[pipeline]]
name = "other"
inbox = "o/in"
output = "o/out"
quality = 60
format = "webp"
[pipeline.limits]
height = 7
[pipeline.originals]
archive = "kept"
[[pipeline.variant]]
name = "v"
width = 5
`)
	if err != nil {
		t.Fatal(err)
	}
	plain, other := c.Pipelines[0], c.Pipelines[1]
	if !reflect.DeepEqual(plain.Variants, c.Variants) || plain.Limits != c.Limits || plain.Originals.Done != "archive" {
		t.Errorf("not as at the top: %+v", plain)
	}
	if folder := filepath.Base(plain.Originals.Archive); folder != "archive-plain" || filepath.Base(other.Originals.Archive) != "kept" {
		t.Errorf("archives: %s, %s", plain.Originals.Archive, other.Originals.Archive)
	}
	if v := other.Variants; len(v) != 1 || v[0].Name != "v" || v[0].Quality.All != 60 || v[0].Formats[0] != "webp" || other.Limits.Width != 5000 || other.Limits.Height != 7 {
		t.Errorf("got %+v", other)
	}
	for name, want := range map[string][2]string{"a/b.jpg": {"", "a/b.jpg"}, "other:a/b.jpg": {"other", "a/b.jpg"}, "unknown:b.jpg": {"", "unknown:b.jpg"}, "/x/y.jpg": {"", "/x/y.jpg"}} {
		if p, path := c.Locate(name); p.Name != want[0] || path != want[1] {
			t.Errorf("%s is %s of %q", name, path, p.Name)
		}
	}
	for _, change := range Changes(c, Config{}) {
		if strings.HasPrefix(change.Key, "pipeline") && change.What != "removed" {
			t.Error(change)
		}
	}
}

func TestLocal(t *testing.T) {
	c, err := Parse("/photos/config.toml", "widths = [100]\nquality = 70\neffort = \"small\"\n[limits]\nwidth = 9\n")
	if err != nil {
		t.Fatal(err)
	}
	p := c.All()[0]
	qualities, err := p.Local("a/.pixmill.toml", "quality = 60\n")
	if v := qualities.Variants; err != nil || len(v) != 1 || v[0].Name != "100w" || v[0].Quality.All != 60 || v[0].Effort != "small" || qualities.Limits.Width != 9 {
		t.Errorf("qualities alone: %+v, %v", qualities, err)
	}
	sizes, err := qualities.Local("a/b/.pixmill.toml", "[[variant]]\nname = \"v\"\nwidth = 5\n")
	if v := sizes.Variants; err != nil || len(v) != 1 || v[0].Name != "v" || v[0].Quality.All != 60 || v[0].Effort != "small" {
		t.Errorf("sizes below them: %+v, %v", sizes, err)
	}
	if p.Variants[0].Quality.All != 70 {
		t.Error("the pipeline's own variants were changed")
	}
	for text, want := range map[string]string{
		"widht = 1":                    ".pixmill.toml:1: widht: unknown key: did you mean widths?",
		"output = \"x\"":               ".pixmill.toml:1: output: unknown key",
		"[limits]\nwidth = 5":          ".pixmill.toml:1: limits: unknown key",
		"widths = [5]\nwatermark = {}": ".pixmill.toml:2: watermark: is for config.toml alone",
		"quality = ":                   ".pixmill.toml:1: ",
		"[[variant]]\nname=\"v\"\nwidth=5\npath = \"../{name}.{ext}\"": ".pixmill.toml:4: variant[1].path: \"../{name}.{ext}\" leaves the output folder",
	} {
		if _, err := p.Local(".pixmill.toml", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// The commented [[pipeline]] of the template must be true as well.
func TestTemplatePipeline(t *testing.T) {
	_, example, _ := strings.Cut(Template, "# [[pipeline]]")
	example, _, found := strings.Cut(example, "\n\n")
	if !found {
		t.Fatal("the template has no commented [[pipeline]]")
	}
	c, err := Parse("/photos/config.toml", "[[pipeline]]"+strings.ReplaceAll(example, "\n# ", "\n"))
	if err != nil || len(c.Pipelines) != 1 || len(c.Pipelines[0].Variants) != 2 {
		t.Errorf("got %+v, %v", c.Pipelines, err)
	}
}

func TestParseBucket(t *testing.T) {
	got, err := ParseBucket("s3://my-photos/site/img/?endpoint=https://host:9000/&region=eu-west-1&path_style=true")
	want := Bucket{Name: "my-photos", Prefix: "site/img", Endpoint: "https://host:9000", Region: "eu-west-1", PathStyle: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// A preset says where things go, and a key beside it says otherwise.
func TestPresets(t *testing.T) {
	for text, want := range map[string][3]string{ // output, manifest, base_url
		"":                         {"/site/output", "", ""},
		"manifest = \"p.json\"":    {"/site/output", "/site/output/p.json", ""},
		"manifest = \"../p.json\"": {"/site/output", "/site/p.json", ""},
		"manifest = \"/d/p.json\"": {"/site/output", "/d/p.json", ""},
		"preset = \"hugo\"":        {"/site/static/photos", "/site/data/pixmill.json", "/photos/"},
		"preset = \"eleventy\"":    {"/site/photos", "/site/_data/pixmill.json", "/photos/"},
		"preset = \"astro\"":       {"/site/public/photos", "/site/src/data/pixmill.json", "/photos/"},
		"preset = \"hugo\"\noutput = \"static/img\"\nmanifest = \"\"\nbase_url = \"https://cdn.example/img\"": {"/site/static/img", "", "https://cdn.example/img/"},
	} {
		c, err := Parse("/site/config.toml", text)
		if err != nil {
			t.Fatal(err)
		}
		got := [3]string{slashed(c.Output), slashed(c.All()[0].ManifestFile()), c.BaseURL}
		if got != want || c.ListForm() != (c.Preset == "astro") {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	c, err := Default("/site")
	if err == nil {
		c.Manifest = "p.json"
		err = c.Override(Overrides{Output: "/elsewhere"})
	}
	if got := slashed(c.All()[0].ManifestFile()); err != nil || got != "/elsewhere/p.json" {
		t.Errorf("with --output the manifest is %s, %v", got, err)
	}
}

// What a pipeline leaves out of what sites are told is as at the top, but for what would meet: its name makes the difference.
// A preset's output folder may have any name; in URLs it is escaped.
func TestPresetEscapesURL(t *testing.T) {
	c, err := Parse("/site/config.toml", "preset = \"hugo\"\noutput = \"static/my photos\"")
	if err != nil {
		t.Fatal(err)
	}
	if want := "/my%20photos/"; c.BaseURL != want {
		t.Errorf("base_url is %q, want %q", c.BaseURL, want)
	}
}

func TestSitesOfPipelines(t *testing.T) {
	const blog = "\n[[pipeline]]\nname = \"blog\"\ninbox = \"b\"\n"
	for text, want := range map[string][3]string{ // output, manifest, base_url
		"manifest = \"p.json\"" + blog + "output = \"o\"":                                                        {"/site/o", "/site/o/p.json", ""},
		"manifest = \"/d/p.json\"\nbase_url = \"/p\"" + blog + "output = \"o\"":                                  {"/site/o", "/d/p_blog.json", "/p/blog/"},
		"manifest = \"p.json\"\nbase_url = \"/p\"" + blog + "output = \"o\"\nbase_url = \"/x\"\nmanifest = \"\"": {"/site/o", "", "/x/"},
		"preset = \"hugo\"" + blog:                                        {"/site/static/photos-blog", "/site/data/pixmill_blog.json", "/photos-blog/"},
		"preset = \"hugo\"" + blog + "output = \"static/b/c\"":            {"/site/static/b/c", "/site/data/pixmill_blog.json", "/b/c/"},
		"preset = \"hugo\"\nbase_url = \"https://cdn.example/\"" + blog:   {"/site/static/photos-blog", "/site/data/pixmill_blog.json", "https://cdn.example/blog/"},
		"preset = \"hugo\"" + blog + "preset = \"astro\"":                 {"/site/public/photos-blog", "/site/src/data/pixmill_blog.json", "/photos-blog/"},
		"preset = \"hugo\"" + blog + "preset = \"plain\"\noutput = \"o\"": {"/site/o", "", ""},
		blog + "preset = \"eleventy\"":                                    {"/site/photos-blog", "/site/_data/pixmill_blog.json", "/photos-blog/"},
	} {
		c, err := Parse("/site/config.toml", text)
		if err != nil {
			t.Fatal(err)
		}
		p := c.Pipelines[0]
		if got := [3]string{slashed(p.Output), slashed(p.ManifestFile()), p.BaseURL}; got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	c, err := Parse("/site/config.toml", "snippet = true\nsizes = \"50vw\"\nmirror_deletes = true"+blog+"output = \"o\"\n"+
		strings.NewReplacer("blog", "own", `"b"`, `"c"`).Replace(blog)+"output = \"p\"\nsizes = \"9vw\"\nsnippet = false\nmirror_deletes = false")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Site{{"plain", "", "", "50vw", true, true}, {"plain", "", "", "9vw", false, false}} {
		if got := c.Pipelines[i].Site; got != want {
			t.Errorf("%s: got %+v, want %+v", c.Pipelines[i].Name, got, want)
		}
	}
	for text, want := range map[string]string{
		blog: `config.toml:2: pipeline[1].output: is missing`,
		"manifest = \"/d/p.json\"" + blog + "output = \"o\"\nmanifest = \"/d/x/../p.json\"":        `config.toml:6: pipeline[1].manifest: ` + root("/d/p.json") + ` is the file of manifest, too`,
		"mirror_deletes = true" + blog + "output = \"o\"\n[pipeline.originals]\ndone = \"delete\"": `config.toml:2: pipeline[1].mirror_deletes: needs originals.done = "keep"`,
	} {
		if _, err := Parse("config.toml", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// slashed is a path as it reads elsewhere than on Windows.
func slashed(path string) string { return filepath.ToSlash(path[len(filepath.VolumeName(path)):]) }

func TestVariantsInsteadOfWidths(t *testing.T) {
	c, err := Parse("config.toml", "[[variant]]\nname = \"only\"\nwidth = 5\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Variants) != 1 || c.Variants[0].Name != "only" {
		t.Errorf("got %+v, want the one variant and none of the default widths", c.Variants)
	}
}

// Every mistake is told with file, line, key, cause and remedy.
func TestErrors(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string // each a whole line's beginning and a part of it, joined by " … "
	}{
		"preset":             {"preset = \"11ty\"", []string{`c.toml:1: preset: "11ty" is none of plain, hugo, eleventy, astro`}},
		"manifest":           {"manifest = \"photos.toml\"", []string{`c.toml:1: manifest: "photos.toml" is not the name of a JSON file: write one such as "photos.json"`}},
		"snippet":            {"snippet = \"yes\"", []string{`c.toml:1: snippet: "yes" is neither true nor false`}},
		"mirror and delete":  {"mirror_deletes = true\n[originals]\ndone = \"delete\"", []string{`c.toml:1: mirror_deletes: needs originals.done = "keep": with "delete" every photo leaves the inbox`}},
		"base_url":           {"base_url = \"/my photos/\"", []string{`c.toml:1: base_url: "/my photos/" is no part of a URL: write spaces as %20`}},
		"sizes":              {"sizes = \"\"", []string{`c.toml:1: sizes: is empty: write how wide images are, as in sizes = "100vw"`}},
		"in no table":        {"workers = 3", []string{`c.toml:1: workers: does not belong here: write it below [pool]`}},
		"in two tables":      {"timeout = \"1s\"", []string{`c.toml:1: timeout: does not belong here: write it below [hooks] or [upload]`}},
		"after a table":      {"[dashboard]\nquality = 70", []string{`c.toml:2: dashboard.quality: does not belong here: write it at the top of the file, before the first [table]`}},
		"a variant's":        {"fit = \"cover\"", []string{`c.toml:1: fit: does not belong here: write it below a [[variant]]`}},
		"table of a list":    {"[[pipeline]]\nname=\"blog\"\ninbox=\"a\"\noutput=\"b\"\n[pipeline.watch]\nmode=\"poll\"", []string{`c.toml:5: pipeline[1].watch: does not belong here: write [watch]`}},
		"short and unlike":   {"foo = 1", []string{`c.toml:1: foo: unknown key: known here are animation`}},
		"widths, one bad":    {"widths = [0]", []string{`c.toml:1: widths: 0 is not a width`}},
		"formats, no list":   {"formats = \"webp\"", []string{`c.toml:1: formats: "webp" is not a list`}},
		"key twice":          {"inbox = \"a\"\ninbox = \"b\"", []string{`c.toml:2: inbox: stands there a second time: leave one out`}},
		"table twice":        {"[watch]\n[watch]", []string{`c.toml:2: watch: stands there a second time: leave one out`}},
		"backslashes":        {`inbox = "C:\photos"`, []string{`c.toml:1: inbox: invalid escape in string '\p': in single quotes a backslash is one`}},
		"gps alone":          {"gps = true", []string{`c.toml:1: gps: true has no effect without metadata = "all"`}},
		"gps of a variant":   {"[[variant]]\nname=\"a\"\ngps=true", []string{`c.toml:3: variant[1].gps: true has no effect under metadata = "copyright"`}},
		"attention, no cut":  {"[[variant]]\nname=\"a\"\nposition=\"attention\"", []string{`c.toml:3: variant[1].position: "attention" says what a cut keeps, and fit = "inside" cuts nothing`}},
		"watermark's size":   {"[watermark]\ntext=\"x\"\nsize=20", []string{`c.toml:3: watermark.size: 20 is not a share: write a percentage in quotes, as in size = "20%"`}},
		"watermark = true":   {"watermark = true", []string{`c.toml:1: watermark: true says too little: write [watermark]`}},
		"mail to nowhere":    {"[notify.email]\nto = [\"a@b.de\"]", []string{`c.toml:2: notify.email.to: stands without server, so nobody is told`}},
		"pipeline, no name":  {"[[pipeline]]\ninbox=\"a\"\noutput=\"b\"", []string{`c.toml:1: pipeline[1].name: "" is not a pipeline's name: write two or more small letters`}},
		"pipelines' inbox":   {"[[pipeline]]\nname=\"blog\"\ninbox=\"inbox\"\noutput=\"b\"", []string{`c.toml:3: pipeline[1].inbox: `}},
		"inbox in a default": {"inbox = \"output\"", []string{`c.toml:1: inbox: lies in output: `}},
		"short bucket":       {"[upload]\nurl = \"s3://b\"", []string{`c.toml:2: upload.url: "b" is not a bucket's name: those have 3 to 63 letters`}},
		"unknown key":        {"inbx = \"a\"", []string{`c.toml:1: inbx: unknown key: did you mean inbox?`}},
		"unknown far key":    {"zzzzzzzz = 1", []string{`c.toml:1: zzzzzzzz: unknown key: known here are animation, background`}},
		"unknown in table":   {"\n[watch]\nsetle = \"1s\"", []string{`c.toml:3: watch.setle: unknown key: did you mean settle?`}},
		"unknown table":      {"[wach]\nmode = \"auto\"", []string{`c.toml:1: wach: unknown key: did you mean watch?`}},
		"in a variant":       {"[[variant]]\nname=\"a\"\nwidth=1\n[[variant]]\nname=\"b\"\nwidht=1", []string{`c.toml:6: variant[2].widht: unknown key: did you mean width?`}},
		"type":               {"[limits]\nwidth = \"wide\"", []string{`c.toml:2: limits.width: "wide" is not a whole number: write width = 32768, without quotes`}},
		"decimal":            {"[limits]\nwidth = 1.5", []string{`c.toml:2: limits.width: 1.5 is not a whole number`}},
		"negative":           {"[limits]\nwidth = -1", []string{`c.toml:2: limits.width: -1 is out of range: write a whole number from 0 to 2147483647`}},
		"negative pixels":    {"[limits]\npixels = -1", []string{`c.toml:2: limits.pixels: -1 is too small: write a whole number from 0`}},
		"quality range":      {"quality = 101", []string{`c.toml:1: quality: 101 is out of range: write a whole number from 1 to 100`}},
		"min_savings":        {"min_savings = \"101%\"", []string{`c.toml:1: min_savings: "101%" is not a share: write a number from 0 to 100 and % in quotes, as in min_savings = "5%"`}},
		"min_savings, bare":  {"min_savings = 5", []string{`c.toml:1: min_savings: 5 is not a share`}},
		"max_bytes":          {"max_bytes = \"much\"", []string{`c.toml:1: max_bytes: "much" is not a size`}},
		"quality word":       {"quality = { jpeg = \"best\" }", []string{`c.toml:1: quality.jpeg: "best" is not a quality: write jpeg = 80 without quotes, 1 to 100, or jpeg = "auto"`}},
		"quality format":     {"quality = { jpg = 80 }", []string{`c.toml:1: quality.jpg: unknown key: did you mean jpeg?`}},
		"quality in table":   {"quality = { jpeg = 0 }", []string{`c.toml:1: quality.jpeg: 0 is out of range`}},
		"size":               {"[pool]\nmemory = \"lots\"", []string{`c.toml:2: pool.memory: "lots" is not a size: write a number and its unit in quotes, as in memory = "64MB"`}},
		"duration":           {"[watch]\nsettle = 5", []string{`c.toml:2: watch.settle: 5 is not a duration: write a number above zero and its unit in quotes, as in settle = "1s"`}},
		"zero duration":      {"[watch]\nsettle = \"0s\"", []string{`c.toml:2: watch.settle: "0s" is not a duration`}},
		"bool":               {"[watch]\nrecursive = \"yes\"", []string{`c.toml:2: watch.recursive: "yes" is neither true nor false: write recursive = true, without quotes`}},
		"text":               {"inbox = 5", []string{`c.toml:1: inbox: 5 is not text: write it in quotes, as in inbox = "inbox"`}},
		"empty folder":       {"inbox = \"\"", []string{`c.toml:1: inbox: is empty: name a folder`}},
		"tilde":              {"inbox = \"~/photos\"", []string{`c.toml:1: inbox: "~/photos": ~ is not expanded here`}},
		"word":               {"[originals]\ndone = \"archived\"", []string{`c.toml:2: originals.done: "archived" is none of keep, archive, delete: did you mean archive?`}},
		"widths type":        {"widths = 5", []string{`c.toml:1: widths: 5 is not a list: write widths = [320, 640]`}},
		"widths value":       {"widths = [\n  320,\n  0]", []string{`c.toml:1: widths: 0 is not a width: write whole numbers of pixels from 1 to 65500`}},
		"widths twice":       {"widths = [320, 320]", []string{`c.toml:1: widths: 320 stands in the list twice`}},
		"no variants":        {"widths = []", []string{`c.toml:1: widths: is empty, and there is no [[variant]]`}},
		"format":             {"formats = [\"jpg\"]", []string{`c.toml:1: formats: "jpg" is none of same, jpeg, png, webp, avif, gif: did you mean jpeg?`}},
		"only read":          {"formats = [\"heic\"]", []string{`c.toml:1: formats: "heic" can be read but not written`}},
		"metadata":           {"metadata = \"some\"", []string{`c.toml:1: metadata: "some" is none of none, copyright, all`}},
		"gps":                {"gps = \"yes\"", []string{`c.toml:1: gps: "yes" is neither true nor false`}},
		"color":              {"[[variant]]\nname=\"a\"\nwidth=1\ncolor = \"p3\"", []string{`c.toml:4: variant[1].color: "p3" is none of srgb, keep`}},
		"animation":          {"animation = \"none\"", []string{`c.toml:1: animation: "none" is none of keep, first`}},
		"one colour":         {"colors = 1", []string{`c.toml:1: colors: 1 is too few: write 2 to 256, or 0`}},
		"colours":            {"[[variant]]\nname = \"a\"\nwidth = 5\ncolors = 257", []string{`c.toml:4: variant[1].colors: 257 is out of range`}},
		"no formats":         {"formats = []", []string{`c.toml:1: formats: is empty`}},
		"both formats":       {"formats = [\"png\"]\nformat = \"png\"", []string{`c.toml:2: format: stands beside formats: keep one of the two`}},
		"pattern":            {"[watch]\nignore = [\"[a\"]", []string{`c.toml:2: watch.ignore: "[a" is not a pattern`}},
		"colour":             {"background = \"white\"", []string{`c.toml:1: background: "white" is not a colour: write #rrggbb`}},
		"nameless variant":   {"[[variant]]\nwidth = 5", []string{`variant[1].name: "" is not a variant's name`}},
		"same names":         {"[[variant]]\nname = \"a\"\nwidth = 5\n[[variant]]\nname = \"a\"\nwidth = 6", []string{`c.toml:5: variant[2].name: this variant's outputs would have the same names as those of "a"`}},
		"name of a width":    {"widths = [320]\n[[variant]]\nname = \"320w\"\nwidth = 5", []string{`c.toml:3: variant[1].name: this variant's outputs`}},
		"same paths":         {"[[variant]]\nname = \"a\"\nwidth = 5\npath = \"{name}.{ext}\"\n[[variant]]\nname = \"b\"\nwidth = 6\npath = \"{name}.{ext}\"", []string{`c.toml:8: variant[2].path: this variant's outputs`}},
		"cover without side": {"[[variant]]\nname = \"a\"\nwidth = 5\nfit = \"cover\"", []string{`c.toml:4: variant[1].fit: "cover" needs both width and height`}},
		"placeholder":        {"[[variant]]\nname = \"a\"\nwidth = 5\npath = \"{nam}-{name}.{ext}\"", []string{`c.toml:4: variant[1].path: {nam} is none of {dir}, {name}, {variant}, {format}, {ext}, {hash}: did you mean {name}?`}},
		"path without name":  {"[[variant]]\nname = \"a\"\nwidth = 5\npath = \"{name}/x.{ext}\"", []string{`c.toml:4: variant[1].path: "{name}/x.{ext}" lacks {name} in its file name`}},
		"path out":           {"[[variant]]\nname = \"a\"\nwidth = 5\npath = \"../{name}.{ext}\"", []string{`c.toml:4: variant[1].path: "../{name}.{ext}" leaves the output folder`}},
		"output is inbox":    {"output = \"inbox\"", []string{`c.toml:1: output: `}},
		"output holds inbox": {"output = \".\"", []string{`c.toml:1: output: `}},
		"archive is output":  {"[originals]\narchive = \"output\"", []string{`c.toml:2: originals.archive: `}},
		"table for value":    {"[inbox]\na = 1", []string{`c.toml:1: inbox: a table is not text`}},
		"value for table":    {"watch = 5", []string{`c.toml:1: watch: is a table: write [watch] on a line of its own`}},
		"variant as table":   {"[variant]\nname = \"a\"", []string{`c.toml:1: variant: is a list of tables: write [[variant]]`}},
		"min workers":        {"[pool]\nworkers = 2\nmin_workers = 3", []string{`c.toml:3: pool.min_workers: 3 is more than workers (2)`}},
		"hook as text":       {"[hooks]\non_done = \"hugo\"", []string{`c.toml:2: hooks.on_done: "hugo" is one text: write the program and each argument on its own`}},
		"hook without name":  {"[hooks]\non_done = [\"\", \"{source}\"]", []string{`c.toml:2: hooks.on_done: "" is not a program`}},
		"hook's misspelling": {"[hooks]\non_done = [\"cp\", \"{sources}\"]", []string{`c.toml:2: hooks.on_done: {sources} is none of {source}, {outputs}, {reason}, {inbox}, {output}: did you mean {source}?`}},
		"hook's outputs":     {"[hooks]\non_done = [\"cp\", \"x{outputs}\"]", []string{`c.toml:2: hooks.on_done: "x{outputs}": {outputs} stands for several arguments: write it alone`}},
		"hook of no photo":   {"[hooks]\non_idle = [\"cp\", \"{source}\"]", []string{`c.toml:2: hooks.on_idle: {source} is of one photo, and this runs after many`}},
		"bucket":             {"[upload]\nurl = \"http://host/bucket\"", []string{`c.toml:2: upload.url: is not a bucket's address: write "s3://bucket/prefix"`}},
		"bucket's name":      {"[upload]\nurl = \"s3:///prefix\"", []string{`c.toml:2: upload.url: "" is not a bucket's name`}},
		"bucket's option":    {"[upload]\nurl = \"s3://photos?regoin=x\"", []string{`c.toml:2: upload.url: "regoin" is none of endpoint, region, path_style: did you mean region?`}},
		"bucket's endpoint":  {"[upload]\nurl = \"s3://photos?endpoint=host:9000\"", []string{`c.toml:2: upload.url: its endpoint is not a server's address`}},
		"cluster's bucket":   {"[cluster]\nstore = \"photos\"", []string{`c.toml:2: cluster.store: is not a bucket's address`}},
		"cluster's keep":     {"[cluster]\nkeep = \"1m\"", []string{`c.toml:2: cluster.keep: 1m0s is too short: what waits for longer is taken away and made anew: write at least "10m"`}},
		"poll, short":        {"[watch]\npoll = \"1ns\"", []string{`c.toml:2: watch.poll: "1ns" is too short: write at least "100ms"`}},
		"settle, short":      {"[watch]\nsettle = \"1ms\"\nrescan = \"1ms\"", []string{`c.toml:2: watch.settle: "1ms" is too short: write at least "10ms"`, `c.toml:3: watch.rescan: "1ms" is too short: write at least "100ms"`}},
		"timeout, short":     {"[hooks]\ntimeout = \"1ns\"", []string{`c.toml:2: hooks.timeout: "1ns" is too short: write at least "1ms"`}},
		"cluster's ack_wait": {"[cluster]\nack_wait = \"1ns\"", []string{`c.toml:2: cluster.ack_wait: 1ns is too short to tell`}},
		"hub's token":        {"[hub]\ntoken = \"secret\"", []string{`c.toml:2: hub.token: has 6 characters: write at least 16 at random`}},
		"secret in a URL":    {"[upload]\nurl = \"s3://id:hidden@photos\"", []string{`c.toml:2: upload.url: has credentials in it: leave them out`}},
		"header":             {"[upload]\ncache_control = \"a\\nb\"", []string{`c.toml:2: upload.cache_control: "a\nb" is no header's value`}},
		"syntax":             {"inbox = \n", []string{`c.toml:1: `}},
		"twice":              {"inbox = \"a\"\ninbox = \"b\"", []string{`c.toml:2: `}},
		"all at once":        {"quality = 0\n[watch]\nmode = \"evnts\"\nsettle = 1", []string{"c.toml:1: quality", "c.toml:3: watch.mode: \"evnts\" is none of auto, events, poll: did you mean events?", "c.toml:4: watch.settle"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("c.toml", test.text)
			if err == nil {
				t.Fatal("no error")
			}
			lines := strings.Split(err.Error(), "\n")
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("a secret is shown: %v", err)
			}
			if len(lines) != len(test.want) {
				t.Fatalf("got %d errors, want %d:\n%v", len(lines), len(test.want), err)
			}
			for i, want := range test.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("got  %s\nwant %s", lines[i], want)
				}
			}
		})
	}
}

func TestLoadMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.toml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "pixmill init") {
		t.Errorf("got %v, want fs.ErrNotExist with the remedy", err)
	}
}

func TestOverride(t *testing.T) {
	c, err := Default("/photos")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Override(Overrides{Inbox: "/a", Output: "/b", Workers: 7}); err != nil {
		t.Fatal(err)
	}
	if slashed(c.Inbox) != "/a" || slashed(c.Output) != "/b" || c.Pool.Workers != 7 {
		t.Errorf("got %s, %s, %d", c.Inbox, c.Output, c.Pool.Workers)
	}
	if err := c.Override(Overrides{Output: "/a"}); err == nil {
		t.Error("an output in the inbox's own place was taken")
	}
	if err := c.Override(Overrides{Workers: -1, Output: "/b"}); err == nil || !strings.HasPrefix(err.Error(), "--workers") {
		t.Errorf("got %v", err)
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		path, folder string
		want         bool
	}{
		{"/a/b", "/a", true},
		{"/a", "/a", true},
		{"/ab", "/a", false},
		{"/a", "/a/b", false},
		{"/a/..b", "/a", true},
	} {
		if got := Within(filepath.FromSlash(test.path), filepath.FromSlash(test.folder)); got != test.want {
			t.Errorf("Within(%s, %s) = %t", test.path, test.folder, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Template)
	f.Add("")
	f.Add("quality = { jpeg = 80 }\n[[variant]]\nname = \"a\"\n")
	f.Add("a = \"\"\"\n[x]\n\"\"\"\n[[variant]]\n[variant.x]\n")
	f.Add("variant = [1]\nwidths = [[1]]\nignore = {a=[{}]}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("c.toml", text)
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if line == "" {
					t.Errorf("an empty line in %q", err)
				}
			}
			return
		}
		if len(c.Variants) == 0 || c.Pool.Workers < 1 || c.Watch.Settle <= 0 {
			t.Errorf("valid, but not usable: %+v", c)
		}
	})
}
