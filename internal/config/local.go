package config

import "strings"

// LocalName is the file in a folder of an inbox that says what is made of the photos in it and in the folders below.
const LocalName = ".pixmill.toml"

// Local returns a pipeline as it is in a folder whose LocalName has that text; file is its name in messages. The file may hold what is said of
// variants, and nothing else; what it leaves out is as the pipeline has it.
func (p Pipeline) Local(file, text string) (Pipeline, error) {
	doc, err := parse(file, strings.TrimPrefix(text, "\ufeff"))
	if err != nil {
		return p, err
	}
	top := doc.top()
	unmarked(top)
	if _, isList := top.m["variant"].([]map[string]any); isList {
		for _, t := range top.list("variant") {
			unmarked(t)
		}
	}
	p.common = readCommon(top, p.common)
	p.Variants = readVariants(top, p.common, p.Variants)
	top.done()
	if len(doc.errs) > 0 {
		return p, doc.err()
	}
	return p, nil
}

// unmarked refuses a watermark: its image would be any file that pixmill can read, and the folder's photos may be anybody's.
func unmarked(t *table) {
	if _, given := t.m["watermark"]; given {
		t.fail("watermark", "is for config.toml alone: write it there")
		delete(t.m, "watermark")
	}
}
