package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Pipeline is an inbox, and what becomes of its photos.
type Pipeline struct {
	Name          string // "" for the default one
	Inbox, Output string
	Site
	Variants  []Variant
	Limits    Limits
	Originals Originals

	common Variant // what holds for all variants that say nothing else
}

// All are the pipelines, the default one first.
func (c *Config) All() []Pipeline {
	return append([]Pipeline{{"", c.Inbox, c.Output, c.Site, c.Variants, c.Limits, c.Originals, c.common}}, c.Pipelines...)
}

// Locate is the pipeline that a source or an output belongs to, and its path there, by the name that the ledger and the log know it by: of the default
// one's that is the path, of others "blog:path". An absolute path, of a photo outside all inboxes, is the default one's. Of an absent pipeline there is
// nothing but the name.
func (c *Config) Locate(name string) (Pipeline, string) {
	of, path, found := strings.Cut(name, ":")
	for _, p := range c.Pipelines {
		if found && p.Name == of {
			return p, path
		}
	}
	if found && slices.Contains(c.absent, of) {
		return Pipeline{Name: of}, path
	}
	return c.All()[0], name
}

// SetAbsent names pipelines that were in the config once, so that what is of them is not taken for the default one's.
func (c *Config) SetAbsent(names []string) { c.absent = names }

// PipelineNames are those of all pipelines besides the default one, the absent ones last.
func (c *Config) PipelineNames() (names []string) {
	for _, p := range c.Pipelines {
		names = append(names, p.Name)
	}
	for _, name := range c.absent {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Absent tells those from all others.
func (p Pipeline) Absent() bool { return p.Inbox == "" }

// positioned reports whether an output of the pipeline may say where its photo was taken.
func (p Pipeline) positioned() bool {
	return slices.ContainsFunc(p.Variants, func(v Variant) bool { return v.GPS && v.Metadata == "all" })
}

// InboxOf is the pipeline whose inbox a folder is or lies in.
func (c *Config) InboxOf(folder string) (p Pipeline, found bool) {
	for _, p := range c.All() {
		if Within(folder, p.Inbox) {
			return p, true
		}
	}
	return p, false
}

// pipelineName is what a pipeline may be called; with ":" it stands before its photos' paths.
var pipelineName = regexp.MustCompile(`^[a-z][a-z0-9_-]+$`)

// readPipelines reads each [[pipeline]]. What one leaves out is as at the top, its folders and files excepted.
func readPipelines(top *table, c Config, base string) []Pipeline {
	var all []Pipeline
	names := map[string]bool{}
	for _, t := range top.list("pipeline") {
		p := Pipeline{Name: t.text("name", "")}
		switch {
		case !pipelineName.MatchString(p.Name):
			t.fail("name", "%q is not a pipeline's name: write two or more small letters, digits, - and _, as in name = \"blog\"", p.Name)
			p.Name = "pipeline-" + strconv.Itoa(len(all)+1) // so that its folders are told apart
		case names[p.Name]:
			t.fail("name", "%q is another pipeline's name, too: give each its own", p.Name)
		}
		names[p.Name] = true
		p.Inbox = t.needed("inbox", base)
		p.Site, p.Output = readSite(t, p.Name, c.All()[0], base)
		p.Limits = readLimits(t.sub("limits"), c.Limits)
		p.Originals = readOriginals(t.sub("originals"), Originals{c.Originals.Done, c.Originals.Failed, "archive-" + p.Name, "quarantine-" + p.Name}, base)
		p.common = readCommon(t, c.common)
		p.Variants = readVariants(t, p.common, c.Variants)
		t.done()
		all = append(all, p)
	}
	return all
}

// needed is a folder that has no default.
func (t *table) needed(key, base string) string {
	if _, given := t.m[key]; !given {
		t.fail(key, "is missing: name a folder, as in %s = \"blog/%s\"", key, key)
		t.known = append(t.known, key)
		return ""
	}
	return t.folder(key, "", base)
}

// misplacement is a mistake at a key, together with another one; "": alone.
type misplacement struct{ key, what, with string }

// place is a folder, or a file, that pixmill writes to or takes photos from, and the key that names it.
type place struct{ key, folder string }

// misplaced finds folders in which pixmill would meet its own inboxes, or two pipelines each other.
func (c *Config) misplaced() []misplacement {
	var inboxes, outputs, written, manifests []place
	var all []misplacement
	add := func(key, format string, args ...any) {
		all = append(all, misplacement{key, fmt.Sprintf(format, args...), ""})
	}
	for i, p := range c.All() {
		at := ""
		if p.Name != "" {
			at = "pipeline#" + strconv.Itoa(i-1) + "."
		}
		inboxes = append(inboxes, place{at + "inbox", p.Inbox})
		outputs = append(outputs, place{at + "output", p.Output})
		written = append(written, place{at + "originals.archive", p.Originals.Archive}, place{at + "originals.quarantine", p.Originals.Quarantine})
		if p.Name == "" {
			written = append(written, place{"state", c.State})
		}
		manifests = append(manifests, place{at + "manifest", p.ManifestFile()})
		if why := p.unmirrorable(); why != "" {
			add(at+"mirror_deletes", "%s", why)
		}
	}
	for i, m := range manifests {
		for _, other := range manifests[:i] {
			if m.folder != "" && filepath.Clean(m.folder) == filepath.Clean(other.folder) {
				add(m.key, "%s is the file of %s, too, and each would be written over by the other: name another one", m.folder, displayPath(other.key))
				break
			}
		}
	}
	for _, f := range append(outputs[:len(outputs):len(outputs)], written...) {
		for _, in := range inboxes {
			if in.folder != "" && f.folder != "" && Within(in.folder, f.folder) {
				all = append(all, misplacement{f.key, fmt.Sprintf("%s holds the inbox (%s), so what is written there would be taken for new photos: name a folder beside the inbox or below it", f.folder, in.folder), in.key})
				break
			}
		}
	}
	for i, f := range written {
		for _, o := range outputs {
			if f.folder == o.folder {
				add(f.key, "%s is the output folder too: name another one", f.folder)
				break
			}
		}
		for _, other := range written[:i] {
			if f.folder == other.folder {
				add(f.key, "is the same folder as %s: name another one", displayPath(other.key))
				break
			}
		}
	}
	all = append(all, apart(inboxes, "photos would be made by both")...)
	return append(all, apart(outputs, "outputs of one could be the other's")...)
}

// apart finds folders of one kind that lie in each other.
func apart(places []place, why string) (all []misplacement) {
	for i, f := range places {
		for _, other := range places[:i] {
			if f.folder != "" && f.folder == other.folder {
				all = append(all, misplacement{f.key, fmt.Sprintf("%s is the folder of %s, too: %s: name another one", f.folder, displayPath(other.key), why), other.key})
				break
			}
			if f.folder != "" && other.folder != "" && (Within(f.folder, other.folder) || Within(other.folder, f.folder)) {
				all = append(all, misplacement{f.key, fmt.Sprintf("%s and %s, which is %s, lie in each other: %s: name folders beside each other", f.folder, other.folder,
					displayPath(other.key), why), other.key})
				break
			}
		}
	}
	return all
}
