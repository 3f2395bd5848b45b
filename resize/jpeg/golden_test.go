package jpeg

import (
	"crypto/sha256"
	"fmt"
	"os"
	"testing"
)

// golden holds what djpeg of libjpeg-turbo 2.1.5 makes of the images in testdata, which its cjpeg made: the beginning
// of the SHA-256 of the output of `djpeg -dct int -scale N/8`, for N = 8, 4, 2, 1.
var golden = map[string][4]string{
	"baseline-420.jpg":             {"0641d431ff71dc76", "13435a572b96f955", "0b44aa5e97f4c4b4", "82caa98354981931"},
	"baseline-440-restarts.jpg":    {"c734f502980afe65", "67f50806223d5019", "fd17bdfa22a2aa90", "571e0066e01d52fe"},
	"progressive-420.jpg":          {"29137d37ff9d02e4", "6bea07c99310a7a0", "9b5d248a1d0d701a", "0c4d8265d93ddfe3"},
	"progressive-422-restarts.jpg": {"bea9777e3ad20df5", "39ae39f397741b6c", "58c8a82d90723e39", "5880ffdad691ac1b"},
	"progressive-gray.jpg":         {"b9cb1837ca32867f", "5289eb5d23790aee", "91218efeb7a444f4", "a5aa71c69b005d55"},
	"progressive-rgb.jpg":          {"b081585828b2d6b9", "8699dfab80993890", "b5625d92bcd29ef2", "a4429326dac0d0e2"},
	"separate-444-1-2.jpg":         {"e7006392e9f58ae0", "c2c8b932a4a69a63", "467a414fd17dd22f", "41e74694b71cf70c"},
}

func TestGolden(t *testing.T) {
	for name, sums := range golden {
		src, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		h, err := ReadHeader(src)
		if err != nil {
			t.Fatal(err)
		}
		magic, channels := "P6", 3
		if h.Color == Gray {
			magic, channels = "P5", 1
		}
		for i, sum := range sums {
			pix, width, height := ours(t, src, Options{Scale: 1 << i}, channels)
			got := sha256.Sum256(append(fmt.Appendf(nil, "%s\n%d %d\n255\n", magic, width, height), pix...))
			if fmt.Sprintf("%.8x", got) != sum {
				t.Errorf("%s at 1/%d: %.8x, want %s", name, 1<<i, got, sum)
			}
		}
	}
}
