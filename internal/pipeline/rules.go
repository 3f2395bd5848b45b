package pipeline

import (
	"fmt"
	"maps"
	"strings"

	"pixmill/pool"
	"pixmill/resize"
	"pixmill/sink"
)

// rules are what is made of a photo, and what it may be at most. They never change: a pipeline whose settings do gets others, and
// a job is worked on by those that held when it was taken in, through all its attempts.
type rules struct {
	recipe  resize.Recipe
	path    map[string]string // variant → template
	parts   map[string]string // variant/format → digest of its part of the recipe
	hashed  bool              // some paths hold their content's hash
	picture *sink.Output      // nil: none is wanted
	digest  string            // of all that a failure depends on besides the source
	limits  resize.Limits
}

// newRules returns a pipeline's rules, or what is wrong with the variants.
func (p *Pipeline) newRules(pipeline string, s Settings) (*rules, error) {
	r := &rules{path: map[string]string{}, limits: s.Limits}
	for _, v := range s.Variants {
		r.recipe.Variants = append(r.recipe.Variants, v.Variant)
		r.path[v.Name] = v.Path
		r.hashed = r.hashed || strings.Contains(v.Path, "{hash}")
	}
	if err := r.recipe.Validate(); err != nil {
		return nil, err
	}
	r.parts, r.digest = digests(r.recipe), digest(r.recipe, s.Limits)
	r.recipe.Preview = s.About
	if s.Picture {
		picture := sink.Picture(digest(r.recipe, r.path, p.opts.Sink.Told(pipeline)))
		r.picture = &picture
	}
	return r, nil
}

// change sets rules, and tells sites of them, or returns what is wrong with the variants.
func (p *Pipeline) change(own Settings, others map[string]Settings) error {
	settings := map[string]Settings{"": own}
	maps.Copy(settings, others)
	all := map[string]*rules{}
	for name, s := range settings {
		var err error
		if all[name], err = p.newRules(name, s); err != nil && name != "" {
			return fmt.Errorf("pipeline %s: %w", name, err)
		} else if err != nil {
			return err
		}
	}
	p.rules.Store(&all)
	p.locals.restart()
	for name, s := range settings {
		p.opts.Sink.Tell(name, p.locals.tell(name, s.Variants))
	}
	return nil
}

// rulesOf are those of an intake's photos; one of a pipeline that is no more has the default one's.
func (p *Pipeline) rulesOf(in *Intake) *rules {
	all := *p.rules.Load()
	if r := all[in.Name]; r != nil {
		return r
	}
	return all[""]
}

// Change sets other settings and pool options (its queue excepted) for what is taken in from now on, or says what is wrong with the variants
// and changes nothing. It may be called at any time, from any goroutine.
func (p *Pipeline) Change(own Settings, others map[string]Settings, o pool.Options) error {
	if err := p.change(own, others); err != nil {
		return err
	}
	p.pool.Change(poolOptions(o))
	return nil
}

// poolOptions are the pool's, with the pipeline's own judgement of what is worth another attempt.
func poolOptions(o pool.Options) pool.Options {
	o.Retry.Retryable = retryable
	return o
}

// output is what a target is to become.
func (r *rules) output(t resize.Target) sink.Output {
	return sink.Output{
		Variant:  t.Variant,
		Format:   t.Format,
		Ext:      t.Ext,
		Template: r.path[t.Variant],
		Recipe:   r.parts[t.Variant+"/"+t.Format],
		Width:    t.Width,
		Height:   t.Height,
	}
}

// narrowed is the part of the recipe that makes what lacks of a source.
func (r *rules) narrowed(s *subject) resize.Recipe {
	part := r.recipe
	part.Variants, part.Preview = nil, s.wantsAbout()
	formats, lacking := map[string][]string{}, 0
	for _, o := range s.outputs {
		if o.Lacking() {
			formats[o.Variant] = append(formats[o.Variant], o.Format)
			lacking++
		}
	}
	if lacking == len(s.outputs) && part.Preview == r.recipe.Preview {
		return r.recipe
	}
	for _, v := range r.recipe.Variants {
		if v.Formats = formats[v.Name]; v.Formats != nil {
			part.Variants = append(part.Variants, v)
		}
	}
	return part
}
