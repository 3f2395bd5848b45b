package config

import (
	"net/url"
	"path/filepath"
	"strings"
)

// Site says what a site generator is told of a pipeline's photos.
type Site struct {
	Preset        string
	Manifest      string // file; one that is not absolute lies in the output folder; "": none
	BaseURL       string // before an output's path; "" or with / at its end
	Sizes         string // of images in snippets
	Snippet       bool
	MirrorDeletes bool
}

// preset is where a site generator looks: for files that it serves as they are, and for data. Folders are relative to the site's.
type preset struct {
	output, manifest string
	served           string // the folder whose files are at the site's "/"
}

var plainSite = Site{Preset: "plain", Sizes: "100vw"}

// Presets are the generators that are known, plain for none.
var Presets = []string{"plain", "hugo", "eleventy", "astro"}

var presets = map[string]preset{
	"plain":    {output: "output"},
	"hugo":     {"static/photos", "data/pixmill.json", "static"},     // gohugo.io/getting-started/directory-structure
	"eleventy": {"photos", "_data/pixmill.json", "."},                // 11ty.dev/docs/data-global, /docs/copy
	"astro":    {"public/photos", "src/data/pixmill.json", "public"}, // docs.astro.build, content collections: file()
}

// url is where an output folder is found on the site, as far as that can be told.
func (p preset) url(base, output string) string {
	if p.served == "" {
		return ""
	}
	if rel, err := filepath.Rel(filepath.Join(base, p.served), output); err == nil && filepath.IsLocal(rel) && rel != "." {
		return (&url.URL{Path: "/" + filepath.ToSlash(rel) + "/"}).EscapedPath()
	}
	return (&url.URL{Path: "/" + filepath.Base(output) + "/"}).EscapedPath()
}

// named puts a pipeline's name behind a path's, before its extension; "": it is the default one's, or there is none.
func named(path, mark, name string) string {
	if path == "" || name == "" {
		return path
	}
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + mark + name + ext
}

// readSite reads the keys of a site, and the output folder, which a preset names. What a pipeline leaves out is as above, but where it would meet
// the others: its name makes the difference then.
func readSite(t *table, name string, above Pipeline, base string) (s Site, output string) {
	s.Preset = t.word("preset", above.Preset, Presets)
	p := presets[s.Preset]
	_, chosen := t.m["preset"]
	chosen = chosen || name == ""
	if name != "" && s.Preset == "plain" {
		output = t.needed("output", base)
	} else {
		output = t.folder("output", named(p.output, "-", name), base)
	}
	s.Manifest, s.BaseURL = above.Manifest, above.BaseURL
	if s.BaseURL != "" {
		s.BaseURL += name + "/"
	}
	if chosen && p.manifest != "" {
		s.Manifest = filepath.Join(base, filepath.FromSlash(p.manifest))
	} else if chosen {
		s.Manifest = ""
	}
	if rooted(s.Manifest) {
		s.Manifest = named(s.Manifest, "_", name) // a template names data by the file's name, and wants no - in it
	}
	if chosen || above.BaseURL == presets[above.Preset].url(base, above.Output) {
		s.BaseURL = p.url(base, output)
	}
	s.Manifest = filepath.FromSlash(t.text("manifest", s.Manifest))
	if s.Manifest != "" && !strings.HasSuffix(s.Manifest, ".json") {
		t.fail("manifest", "%q is not the name of a JSON file: write one such as \"photos.json\", below the output folder, or \"\" for none", s.Manifest)
	}
	if s.BaseURL = t.text("base_url", s.BaseURL); s.BaseURL != "" && !strings.HasSuffix(s.BaseURL, "/") {
		s.BaseURL += "/"
	}
	if _, given := t.m["base_url"]; given && strings.ContainsAny(s.BaseURL, " \t\n,\"<>") { // which end a URL in a srcset
		t.fail("base_url", "%q is no part of a URL: write spaces as %%20, as in base_url = \"/my%%20photos/\"", s.BaseURL)
	}
	if s.Sizes = t.text("sizes", above.Sizes); strings.TrimSpace(s.Sizes) == "" {
		t.fail("sizes", "is empty: write how wide images are, as in sizes = %q", above.Sizes)
	}
	s.Snippet = t.flag("snippet", above.Snippet)
	s.MirrorDeletes = t.flag("mirror_deletes", above.MirrorDeletes)
	return s, output
}

// ListForm reports whether the manifest is a bare list of photos, which Astro's loader of files takes.
func (s Site) ListForm() bool { return s.Preset == "astro" }

// ManifestFile is the absolute path of the manifest, "" for none.
func (p Pipeline) ManifestFile() string {
	if p.Manifest == "" {
		return ""
	}
	return located(p.Output, p.Manifest)
}

// unmirrorable says what keeps a pipeline's output from following its inbox, or "".
func (p Pipeline) unmirrorable() string {
	if p.MirrorDeletes && p.Originals.Done != "keep" {
		return "needs originals.done = \"keep\": with \"" + p.Originals.Done + "\" every photo leaves the inbox, and its outputs would go after it: keep one of the two"
	}
	return ""
}
