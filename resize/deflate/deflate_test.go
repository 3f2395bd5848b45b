package deflate

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

func inflate(t testing.TB, data []byte) []byte {
	t.Helper()
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	back, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func samples(t testing.TB) map[string][]byte {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	skewed := make([]byte, 400_000) // with symbols so rare that a plain Huffman code of them would be too long
	for i := range skewed {
		skewed[i] = byte(min(rng.ExpFloat64()*3, 255))
	}
	walk := make([]byte, 600_000)
	for i := 1; i < len(walk); i++ {
		walk[i] = walk[i-1] + byte(rng.IntN(5)-2)
	}
	text, err := os.ReadFile("parse.go")
	if err != nil {
		t.Fatal(err)
	}
	far := append(append(bytes.Clone(noise[:window]), noise[:window]...), noise[:300]...) // matches as far away as may be
	beyond := append(append(bytes.Clone(noise[:window+1]), noise[:window+1]...), noise...)
	return map[string][]byte{
		"nothing": {}, "one": {7}, "two": {7, 7}, "three": {1, 2, 3}, "a run": make([]byte, 700_001), "noise": noise, "skewed": skewed, "walk": walk,
		"text": text, "text, often": bytes.Repeat(text, 200), "far": far, "beyond": beyond, "period": bytes.Repeat([]byte("abcdefg"), 90_000),
	}
}

// What was compressed comes back, whatever it is, and takes no more than the standard library's best; but for what cannot be compressed, which has no
// blocks of its own kind here.
func TestZlib(t *testing.T) {
	for name, src := range samples(t) {
		data := Zlib([]byte("before"), src)
		if !bytes.HasPrefix(data, []byte("before")) {
			t.Fatalf("%s: what was there is gone", name)
		}
		data = data[6:]
		if back := inflate(t, data); !bytes.Equal(back, src) {
			t.Fatalf("%s: %d bytes came back of %d", name, len(back), len(src))
		}
		var usual bytes.Buffer
		w, _ := zlib.NewWriterLevel(&usual, zlib.BestCompression)
		_, _ = w.Write(src)
		_ = w.Close()
		t.Logf("%s: %d of %d bytes, the standard library's %d", name, len(data), len(src), usual.Len())
		if len(data) > usual.Len()+usual.Len()/100+20 {
			t.Errorf("%s: %d bytes, the standard library needs %d", name, len(data), usual.Len())
		}
	}
}

// Codes are complete, none is too long, and rare symbols have the long ones.
func TestCodeLengths(t *testing.T) {
	fibonacci := make([]uint32, 30)
	a, b := uint32(1), uint32(1)
	for i := range fibonacci {
		fibonacci[i] = a
		a, b = b, a+b
	}
	for name, used := range map[string][]uint32{"deep": fibonacci, "one": {0, 5, 0}, "none": {0, 0, 0}, "two": {1, 0, 9}, "alike": {4, 4, 4, 4}} {
		for _, limit := range []uint8{7, 15} {
			lengths, whole := codeLengths(used, limit), 0
			for i, n := range lengths {
				if n > limit || used[i] > 0 && n == 0 {
					t.Errorf("%s: length %d of a symbol used %d times", name, n, used[i])
				}
				if n > 0 {
					whole += 1 << (limit - n)
				}
			}
			if whole != 1<<limit {
				t.Errorf("%s, up to %d: %d of %d codes are used", name, limit, whole, 1<<limit)
			}
		}
	}
}

// FuzzZlib: everything comes back.
func FuzzZlib(f *testing.F) {
	f.Add([]byte("abcabcabc"), uint16(3))
	f.Add(make([]byte, 300), uint16(2000))
	f.Fuzz(func(t *testing.T, src []byte, times uint16) {
		long := bytes.Repeat(src, int(times)%3000)
		if len(long) > 1<<20 {
			long = long[:1<<20]
		}
		if back := inflate(t, Zlib(nil, long)); !bytes.Equal(back, long) {
			t.Fatal("something else came back")
		}
	})
}

func BenchmarkZlib(b *testing.B) {
	all := samples(b)
	for _, name := range []string{"walk", "text, often"} {
		b.Run(fmt.Sprintf("of=%s", name), func(b *testing.B) {
			b.SetBytes(int64(len(all[name])))
			for b.Loop() {
				Zlib(nil, all[name])
			}
		})
	}
}
