package resize

import (
	"strings"
	"testing"

	"pixmill/resize/resample"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name     string
		variants []Variant
		want     string // in the error; "" for none
	}{
		{"zero values", []Variant{{}}, ""},
		{"all words", []Variant{{Name: "a", Fit: Cover, Position: "right top", Kernel: "lanczos2", Formats: []string{"same", "gif"}, Quality: map[string]int{"jpeg": 1}}}, ""},
		{"nothing", nil, "a recipe without variants makes nothing"},
		{"two names", []Variant{{Name: "a"}, {Name: "a"}}, `two variants are named "a"`},
		{"fit", []Variant{{Name: "a", Fit: "crop"}}, `variant "a": fit "crop" is not known: write one of inside, outside, cover, contain, fill`},
		{"kernel", []Variant{{Kernel: "sinc"}}, `kernel "sinc" is not known: write one of lanczos3, lanczos2, mitchell, cubic, linear, box, nearest`},
		{"position", []Variant{{Position: "north"}}, `position "north" is not known: write one of center, top, right top`},
		{"format", []Variant{{Formats: []string{"heic"}}}, `format "heic" is not known: write one of same, jpeg, png, gif, webp, avif`},
		{"animation", []Variant{{Animation: "loop"}}, `animation "loop" is not known: write one of keep, first`},
		{"colours", []Variant{{Colors: 1}}, "colors is 1: write 2 to 256, or 0"},
		{"width", []Variant{{Width: -1}}, "width is -1"},
		{"height", []Variant{{Height: 70000}}, "height is 70000: write 1 to 65535"},
		{"quality", []Variant{{Quality: map[string]int{"jpeg": 101}}}, "quality for jpeg is 101: write 1 to 100"},
		{"quality of what", []Variant{{Quality: map[string]int{"same": 80}}}, `quality for "same" is not known: write one of jpeg, png, gif`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := Recipe{Variants: c.variants}.Validate()
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("the error is %v, want one with %s", err, c.want)
			}
		})
	}
}

func TestValidateReportsEverything(t *testing.T) {
	err := Recipe{Variants: []Variant{{Name: "a", Fit: "x"}, {Name: "b", Kernel: "y", Width: -3}}}.Validate()
	if n := strings.Count(err.Error(), "variant "); n != 3 {
		t.Errorf("%d faults are reported, want 3:\n%v", n, err)
	}
}

func TestEveryWordIsKnown(t *testing.T) {
	for _, k := range Kernels {
		if _, known := resample.ByName(k); !known {
			t.Errorf("kernel %s is not known to package resample", k)
		}
	}
	if want := "same jpeg png gif webp avif"; strings.Join(Formats, " ") != want {
		t.Errorf("formats are %v, want %s", Formats, want)
	}
}
