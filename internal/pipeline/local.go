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
	told  map[string]map[string][]string // by pipeline: its variants, with those of its folders → formats
}

// restart forgets the folders: the config is another one.
func (l *locals) restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rules, l.told = map[*Settings]*rules{}, map[string]map[string][]string{}
}

// tell adds variants to those that a pipeline's site is told of, and returns all.
func (l *locals) tell(pipeline string, more []Variant) map[string][]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := maps.Clone(l.told[pipeline])
	if told == nil {
		told = map[string][]string{}
	}
	for _, v := range more {
		for _, format := range v.Formats {
			if !slices.Contains(told[v.Name], format) {
				told[v.Name] = append(slices.Clone(told[v.Name]), format)
			}
		}
	}
	l.told[pipeline] = told
	return told
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
	if r, err = p.newRules(j.intake.Name, *s); err != nil {
		return nil, &sidecarError{err}
	}
	p.opts.Sink.Tell(j.intake.Name, p.locals.tell(j.intake.Name, s.Variants))
	p.locals.mu.Lock()
	defer p.locals.mu.Unlock()
	p.locals.rules[s] = r
	return r, nil
}
