package config

import (
	"strconv"
	"strings"
)

// keyLines maps every key of a TOML text ("watch.mode", "variant#0.width", "pipeline#1.variant#0.width") to the line it stands on, 1-based. The TOML
// package keeps positions to itself; this finds them well enough for messages and never decides what a file means.
func keyLines(text string) map[string]int {
	lines := map[string]int{}
	count := map[string]int{} // tables of each [[name]] so far
	prefix, inside := "", scanner{}
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case inside.open():
			inside.feed(line)
		case strings.HasPrefix(trimmed, "[["):
			name := within(tableName(trimmed), count)
			prefix = name + "#" + strconv.Itoa(count[name])
			count[name]++
			lines[prefix] = i + 1
			lines[name] = i + 1
			prefix += "."
		case strings.HasPrefix(trimmed, "["):
			prefix = within(tableName(trimmed), count)
			lines[prefix] = i + 1
			prefix += "."
		default:
			key, value, found := strings.Cut(trimmed, "=")
			if !found || strings.HasPrefix(trimmed, "#") {
				continue
			}
			lines[prefix+unquoteKey(key)] = i + 1
			inside.feed(value)
		}
	}
	return lines
}

// within writes a table's name with the number of each [[list]] that it lies in: the last one before it.
func within(name string, count map[string]int) string {
	parent, key, nested := strings.Cut(name, ".")
	at := parent
	for nested {
		if n := count[at]; n > 0 {
			at += "#" + strconv.Itoa(n-1)
		}
		parent, key, nested = strings.Cut(key, ".")
		at += "." + parent
	}
	return at
}

func tableName(header string) string {
	header, _, _ = strings.Cut(header, "]")
	return unquoteKey(strings.TrimLeft(header, "["))
}

func unquoteKey(key string) string {
	return strings.Trim(strings.TrimSpace(key), `"'`)
}

// scanner follows a value over its lines: brackets that are still open, and the delimiter of a multi-line string.
type scanner struct {
	depth     int
	delimiter string
}

func (s *scanner) open() bool { return s.depth > 0 || s.delimiter != "" }

func (s *scanner) feed(line string) {
	for line != "" {
		if s.delimiter != "" {
			_, rest, found := strings.Cut(line, s.delimiter)
			if !found {
				return
			}
			s.delimiter, line = "", rest
			continue
		}
		switch c := line[0]; c {
		case '#':
			return
		case '[', '{':
			s.depth++
		case ']', '}':
			s.depth--
		case '"', '\'':
			if triple := strings.Repeat(string(c), 3); strings.HasPrefix(line, triple) {
				s.delimiter, line = triple, line[3:]
				continue
			}
			line = skipString(line, c)
			continue
		}
		line = line[1:]
	}
}

// skipString returns what follows the one-line string that line begins with.
func skipString(line string, quote byte) string {
	for i := 1; i < len(line); i++ {
		if line[i] == '\\' && quote == '"' {
			i++
		} else if line[i] == quote {
			return line[i+1:]
		}
	}
	return ""
}
