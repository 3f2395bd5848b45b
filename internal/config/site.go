package config

import (
	"path/filepath"
	"strings"
)

// Site says what a site generator is told of the photos. Its keys stand at the top of the file.
type Site struct {
	Preset        string
	Manifest      string // file; one that is not absolute lies in the output folder; "": none
	BaseURL       string // before an output's path; "" or with / at its end
	Sizes         string // of images in snippets
	Snippet       bool
	MirrorDeletes bool
}

// preset is where a site generator looks: for files that it copies as they are, and for data. Folders are relative to the site's.
type preset struct {
	output, manifest, url string
}

// Presets are the generators that are known, plain for none.
var Presets = []string{"plain", "hugo", "eleventy", "astro"}

var presets = map[string]preset{
	"plain":    {output: "output"},
	"hugo":     {output: "static/photos", manifest: "data/pixmill.json", url: "/photos/"},     // gohugo.io/getting-started/directory-structure
	"eleventy": {output: "photos", manifest: "_data/pixmill.json", url: "/photos/"},           // 11ty.dev/docs/data-global, /docs/copy
	"astro":    {output: "public/photos", manifest: "src/data/pixmill.json", url: "/photos/"}, // docs.astro.build, content collections: file()
}

// readSite reads the keys of a site, and the output folder, which a preset names.
func readSite(t *table, base string) (s Site, output string) {
	s.Preset = t.word("preset", "plain", Presets)
	p := presets[s.Preset]
	output = t.folder("output", p.output, base)
	s.Manifest = t.text("manifest", p.manifest)
	if _, given := t.m["manifest"]; !given && s.Manifest != "" {
		s.Manifest = filepath.Join(base, filepath.FromSlash(s.Manifest))
	}
	if s.Manifest = filepath.FromSlash(s.Manifest); s.Manifest != "" && !strings.HasSuffix(s.Manifest, ".json") {
		t.fail("manifest", "%q is not the name of a JSON file: write one such as \"photos.json\", below the output folder, or \"\" for none", s.Manifest)
	}
	if s.BaseURL = t.text("base_url", p.url); s.BaseURL != "" && !strings.HasSuffix(s.BaseURL, "/") {
		s.BaseURL += "/"
	}
	s.Sizes = t.text("sizes", "100vw")
	s.Snippet = t.flag("snippet", false)
	s.MirrorDeletes = t.flag("mirror_deletes", false)
	return s, output
}

// ListForm reports whether the manifest is a bare list of photos, which Astro's loader of files takes.
func (s Site) ListForm() bool { return s.Preset == "astro" }

// ManifestFile is the absolute path of the manifest, "" for none.
func (c *Config) ManifestFile() string {
	if c.Manifest == "" || filepath.IsAbs(c.Manifest) {
		return c.Manifest
	}
	return filepath.Join(c.Output, c.Manifest)
}

// unmirrorable says what keeps the output from following the inbox, or "".
func (c *Config) unmirrorable() string {
	if c.MirrorDeletes && c.Originals.Done != "keep" {
		return "needs originals.done = \"keep\": with \"" + c.Originals.Done + "\" every photo leaves the inbox, and its outputs would go after it: keep one of the two"
	}
	return ""
}
