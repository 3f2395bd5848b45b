package sink

import (
	"path"
	"slices"
	"strings"
)

// paths gives the outputs' paths below the output folder; suffix goes behind the source's name.
func paths(src Source, outs []Output, suffix string) []string {
	all := make([]string, len(outs))
	for i, o := range outs {
		all[i] = o.path(src, suffix)
	}
	return all
}

func (o Output) path(src Source, suffix string) string {
	dir, file := path.Split(src.Path)
	name := strings.TrimSuffix(file, path.Ext(file))
	if name == "" { // a file such as ".jpg" has an extension and nothing else
		name = file
	}
	return path.Clean(strings.NewReplacer(
		"{dir}", path.Clean(dir),
		"{name}", name+suffix,
		"{variant}", o.Variant,
		"{format}", o.Format,
		"{ext}", o.Ext,
	).Replace(o.Template))
}

// suffix tells sources of one name apart: ~ and six digits of the content hash.
func suffix(hash string) string { return "~" + hash[:min(6, len(hash))] }

// Complete reports whether every output is there as Commit would leave it, judged by its names and its times without
// reading the source: an output carries the modification time of the source that it was made from. A source that would not
// stay in the inbox is never complete while it is there.
func (s *Sink) Complete(src Source, outs []Output) bool {
	if !s.originalStays(src) {
		return false
	}
	return s.held(src, paths(src, outs, "")) || s.held(src, paths(src, outs, suffix(s.lastHash(src))))
}

func (s *Sink) lastHash(src Source) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[src.Name]
}

// held reports whether all names hold outputs of this source, and none of another one.
func (s *Sink) held(src Source, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool {
		s.mu.Lock()
		owner, known := s.owner[n]
		s.mu.Unlock()
		return known && owner.source != src.Name || !s.output.holds(n, src.ModTime)
	})
}

// Claim reserves the outputs' names for a source, in memory only; renamed tells that it was not the first to want them, and
// that the names hold its hash.
func (s *Sink) Claim(src Source, outs []Output) (names []string, renamed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names = paths(src, outs, "")
	if slices.ContainsFunc(names, func(n string) bool { return s.taken(n, src) }) {
		names, renamed = paths(src, outs, suffix(src.Hash)), true
	}
	for _, n := range names {
		s.owner[n] = origin{src.Name, src.Hash, true}
	}
	return names, renamed
}

// taken reports whether an output name belongs to another photo. The caller holds mu.
func (s *Sink) taken(name string, src Source) bool {
	owner, known := s.owner[name]
	there := owner.claimed || s.output.exists(name)
	switch {
	case !there: // free; what the log says of it is about another output folder, or a file that somebody deleted
		return false
	case !known: // ours from before the log was lost, or a file that is none of pixmill's
		return !s.output.holds(name, src.ModTime)
	case owner.source != src.Name:
		return true
	default:
		// The same path again is a new version of the photo, which replaces the old one's outputs. Where originals leave the inbox it
		// is another photo of the same name.
		return !s.originalStays(src) && owner.hash != src.Hash
	}
}
