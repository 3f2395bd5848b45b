package cluster

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"
)

// BenchmarkBytes is what a job's bytes take, of client and server together: a source of 1.7 MB and outputs of as much are stored, fetched
// and removed.
func BenchmarkBytes(b *testing.B) {
	bed := newBed(b)
	m := bed.maker()
	data := make([]byte, 1_700_000)
	b.SetBytes(2 * int64(len(data)))
	for n := uint64(1); b.Loop(); n++ {
		binary.BigEndian.PutUint64(data, n)
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		for s, hash := range map[store][]byte{m.sources: sum[:], m.outputs: nil} {
			bed.must(s.put(b.Context(), name, hash, data))
			if _, err := s.get(b.Context(), name, int64(len(data))); err != nil {
				b.Fatal(err)
			}
			s.remove(b.Context(), name)
		}
	}
}
