package deflate

import "encoding/binary"

const (
	leastMatch, mostMatch = 3, 258
	window                = 32 << 10
	hashBits              = 15
	chain                 = 100 // places that are looked at for each byte
	enough                = 128 // bytes of a match with which the search ends
	kept                  = 8   // matches of a byte: the shortest ones and the longest
)

// match is where the bytes that follow have been before.
type match struct{ length, distance uint16 }

// finder finds for each byte of a stretch the matches that may be worth it: of each length the nearest.
type finder struct {
	head [1 << hashBits]int32 // the last place of a hash, plus one
	prev [window]int32        // the place of the same hash before, plus one

	matches []match
	ends    []int32 // of each byte's matches
	first   int     // the byte that At(0) means
}

func hash(b []byte) uint32 {
	return (uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16) * 0x9E3779B1 >> (32 - hashBits)
}

// find finds the matches of src[from:to], which follows what was before.
func (f *finder) find(src []byte, from, to int) {
	f.matches, f.ends, f.first = f.matches[:0], f.ends[:0], 0
	var long match // that reaches beyond the byte it was found at
	for i := from; i < to; i++ {
		if long.length > leastMatch { // what follows is the same match, one shorter, or as long again
			n := int(long.length) - 1
			n += common(src[i-int(long.distance)+n:], src[i+n:], min(mostMatch, to-i)-n)
			long.length = uint16(n)
			f.matches = append(f.matches, long)
			f.insert(src, i)
		} else {
			long = f.search(src, i, to)
		}
		f.ends = append(f.ends, int32(len(f.matches)))
	}
}

func (f *finder) insert(src []byte, i int) {
	if i+leastMatch <= len(src) {
		h := hash(src[i:])
		f.prev[i%window] = f.head[h]
		f.head[h] = int32(i + 1)
	}
}

// search appends the matches of a byte, and returns one that is long enough to need no other in its course.
func (f *finder) search(src []byte, i, to int) (long match) {
	if i+leastMatch > len(src) {
		return match{}
	}
	h := hash(src[i:])
	most := min(mostMatch, to-i)
	best, start := leastMatch-1, len(f.matches)
	at := int(f.head[h]) - 1
	for tries := chain; tries > 0 && at >= 0 && i-at <= window && best < most; tries-- {
		if src[at+best] == src[i+best] {
			if n := common(src[at:], src[i:], most); n > best {
				best = n
				found := match{uint16(n), uint16(i - at)}
				if len(f.matches) == start+kept {
					f.matches = f.matches[:start+kept-1]
				}
				f.matches = append(f.matches, found)
				if n >= enough {
					long = found
					break
				}
			}
		}
		next := int(f.prev[at%window]) - 1
		if next >= at { // it was overwritten by a later byte
			break
		}
		at = next
	}
	f.insert(src, i)
	return long
}

// common is how many bytes two places have in common, at most so many.
func common(a, b []byte, most int) (n int) {
	for n+8 <= most && binary.LittleEndian.Uint64(a[n:]) == binary.LittleEndian.Uint64(b[n:]) {
		n += 8
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

// at are the matches of a byte.
func (f *finder) at(i int) []match {
	i += f.first
	start := int32(0)
	if i > 0 {
		start = f.ends[i-1]
	}
	return f.matches[start:f.ends[i]]
}

// skip goes on by n bytes.
func (f *finder) skip(n int) { f.first += n }
