package sink

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"pixmill/sink/ledger"
)

// paths gives the outputs' qualified paths below their output folder; suffix goes behind the source's name.
func paths(src Source, outs []Output, suffix string) []string {
	all := make([]string, len(outs))
	for i, o := range outs {
		all[i] = o.path(src, suffix)
	}
	return all
}

// path is qualified.
func (o Output) path(src Source, suffix string) string {
	dir, file := path.Split(cmp.Or(src.As, src.Path))
	name := strings.TrimSuffix(file, path.Ext(file))
	if name == "" { // a file such as ".jpg" has an extension and nothing else
		name = file
	}
	p := o.expanded(src, dir, name+suffix, file+suffix)
	if over := len(path.Base(p)) - longestName; over > 0 {
		p = o.expanded(src, dir, shorten(name, over)+suffix, shorten(file, over)+suffix)
	}
	if runtime.GOOS == "windows" {
		p = portable(p)
	}
	return Qualified(src.Pipeline, p)
}

// longestName leaves room, of the 255 bytes that file systems allow, for what is put behind a name.
const longestName = 240

// shorten takes bytes off a name, whole characters, and puts what tells it from others that begin alike in their place.
func shorten(name string, bytes int) string {
	sum := sha256.Sum256([]byte(name))
	mark := "~" + hex.EncodeToString(sum[:3])
	keep := max(0, len(name)-bytes-len(mark))
	for keep > 0 && !utf8.RuneStart(name[keep]) {
		keep--
	}
	return name[:keep] + mark
}

// expanded is the template, filled in.
func (o Output) expanded(src Source, dir, name, file string) string {
	return path.Clean(expand(o.Template, func(placeholder string) string {
		switch placeholder {
		case "{dir}":
			return path.Clean(dir)
		case "{name}":
			return name
		case "{variant}":
			return o.Variant
		case "{format}":
			return o.Format
		case "{ext}":
			return o.Ext
		case "{hash}":
			return o.digest(src)
		case "{file}": // pixmill's own templates have it
			return file
		}
		return placeholder
	}))
}

// hashed reports whether an output's name changes with its bytes.
func (o Output) hashed() bool { return strings.Contains(o.Template, "{hash}") }

// digest stands for an output's bytes, in eight digits: for what they are made of, and how. "" where the content is not known yet.
func (o Output) digest(src Source) string {
	content := src.Hash
	if content == "" && src.known != nil {
		content = src.known.Hash
	}
	if content == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(content + " " + o.Recipe))
	return hex.EncodeToString(sum[:4])
}

// expand replaces what stands in braces in a template; strings.Replacer, made anew for every output, took a tenth of a restart.
func expand(template string, value func(placeholder string) string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return b.String() + "{" + rest
		}
		b.WriteString(value("{" + inside + "}"))
		template = after
	}
}

// suffix tells sources of one name apart: ~ and six digits of the content hash.
func suffix(hash string) string { return "~" + hash[:min(6, len(hash))] }

// portable makes a path one that Windows takes: no reserved characters or device names, and no dot or space at the end of a name.
// See "Naming Files, Paths, and Namespaces" in Microsoft's documentation of Win32. ".." stays what it is: os.Root refuses it.
func portable(p string) string {
	names := strings.Split(p, "/")
	for i, n := range names {
		if n == "." || n == ".." || n == "" {
			continue
		}
		n = strings.Map(func(r rune) rune {
			if r < ' ' || strings.ContainsRune(`<>:"|?*\`, r) {
				return '_'
			}
			return r
		}, n)
		if trimmed := strings.TrimRight(n, ". "); trimmed != n {
			n = trimmed + strings.Repeat("_", len(n)-len(trimmed))
		}
		base, rest, dotted := strings.Cut(n, ".")
		if device(strings.TrimRight(base, " ")) {
			n = base + "_"
			if dotted {
				n += "." + rest
			}
		}
		names[i] = n
	}
	return strings.Join(names, "/")
}

// device reports whether Windows takes a name, whatever its extension, for a device.
func device(name string) bool {
	name = strings.ToUpper(name)
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, name) {
		return true
	}
	digit, ok := strings.CutPrefix(name, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(name, "LPT")
	}
	return ok && slices.Contains([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"}, digit)
}

// Claim reserves the names of the outputs that do not stand yet for a source, in memory only; those that stand or were sent keep theirs. renamed tells
// that the source was not the first to want its names, and that they hold its hash.
func (s *Sink) Claim(src Source, outs []Output) (names []string, renamed bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	names = paths(src, outs, "")
	s.await(names)
	for i, o := range outs {
		if kept := o.kept(); kept != "" {
			renamed = renamed || kept != names[i]
			continue
		}
		taken, err := s.taken(names[i], src)
		if err != nil {
			return nil, false, err
		}
		renamed = renamed || taken
	}
	if renamed {
		names = paths(src, outs, suffix(src.Hash))
		s.await(names)
	}
	for i, o := range outs {
		if names[i] = cmp.Or(o.kept(), names[i]); o.Stands != "" {
			continue
		}
		key := s.key(names[i])
		if _, had := s.claims[key]; !had {
			s.claimed[src.Name] = append(s.claimed[src.Name], key)
		}
		s.claims[key] = origin{src.Name, src.Hash}
	}
	return names, renamed, nil
}

// kept is the name that an output has already.
func (o Output) kept() string {
	if o.Sent != nil {
		return o.Sent.Path
	}
	return o.Stands
}

// isClaimed reports whether somebody is about to write an output, or failed half-way.
func (s *Sink) isClaimed(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, claimed := s.claims[s.key(name)]
	return claimed
}

// unclaim gives a source's names back: the ledger knows of them now, or nothing was made.
func (s *Sink) unclaim(source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.claimed[source] {
		delete(s.claims, n)
	}
	delete(s.claimed, source)
}

// owner is the photo that the ledger knows an output to be made of.
func (s *Sink) owner(name string) (o ledger.Owner, known bool, err error) {
	if s.ledger == nil {
		return o, false, nil
	}
	return s.ledger.Owner(name)
}

// taken reports whether an output name belongs to another photo. The caller holds mu.
func (s *Sink) taken(name string, src Source) (bool, error) {
	if claim, claimed := s.claims[s.key(name)]; claimed {
		return s.another(claim, src), nil
	}
	there := s.exists(name)
	if !there && s.opts.Place == "" {
		return false, nil // free; what the ledger says of it is about another output folder, or a file that somebody deleted
	}
	owner, known, err := s.owner(name)
	switch {
	case err != nil:
		return false, err
	case known && (there || owner.Place == s.opts.Place):
		return s.another(origin{owner.Name, owner.Hash}, src), nil
	case there: // ours from before the ledger was lost, or a file that is none of pixmill's
		_, ours := s.holds(name, src.ModTime)
		return !ours, nil
	}
	return false, nil
}

// another reports whether what has an output's name is not the photo that wants it. The same path again is a new version of the photo, which
// replaces the old one's outputs; where originals leave the inbox it is another photo of the same name.
func (s *Sink) another(has origin, src Source) bool {
	return has.source != src.Name || !s.Stays(src) && has.hash != src.Hash
}
