package pipeline

import (
	"maps"
	"path"
	"slices"
	"sync"
)

// locals are the rules of folders that have settings of their own.
type locals struct {
	mu    sync.Mutex
	rules map[*Settings]*rules
	told  map[string][]string // variants of the default pipeline, with those of its folders → formats
}

// restart forgets the folders: the config is another one.
func (l *locals) restart(own []Variant) {
	l.mu.Lock()
	l.rules, l.told = map[*Settings]*rules{}, map[string][]string{}
	l.mu.Unlock()
	l.tell(own)
}

// tell adds variants to those that sites are told of, and returns all.
func (l *locals) tell(more []Variant) map[string][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range more {
		for _, format := range v.Formats {
			if !slices.Contains(l.told[v.Name], format) {
				l.told[v.Name] = append(slices.Clone(l.told[v.Name]), format)
			}
		}
	}
	return maps.Clone(l.told)
}

// localRules are a job's, or those of its folder. Photos outside the inboxes have no folder of their own.
func (p *Pipeline) localRules(j job) (*rules, error) {
	if p.opts.Local == nil || !j.intake.Inbox && !j.intake.Archive {
		return j.rules, nil
	}
	root := j.root
	if j.intake.Archive {
		root = nil // what is said of folders is in the inbox
	}
	s, err := p.opts.Local(root, j.intake.Name, path.Dir(j.as()))
	if err != nil {
		return nil, &sidecarError{err}
	}
	if s == nil {
		return j.rules, nil
	}
	p.locals.mu.Lock()
	r := p.locals.rules[s]
	p.locals.mu.Unlock()
	if r != nil {
		return r, nil
	}
	if j.intake.Name != "" {
		r, err = newRules(s.Variants, s.Limits)
	} else if r, err = p.ownRules(*s); err == nil {
		p.opts.Sink.Tell(p.locals.tell(s.Variants))
	}
	if err != nil {
		return nil, &sidecarError{err}
	}
	p.locals.mu.Lock()
	defer p.locals.mu.Unlock()
	p.locals.rules[s] = r
	return r, nil
}
