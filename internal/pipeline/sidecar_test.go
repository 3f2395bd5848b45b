package pipeline

import (
	"reflect"
	"strings"
	"testing"

	"pixmill/resize"
)

func TestParseSidecar(t *testing.T) {
	for _, tt := range []struct {
		text string
		want sidecar
		err  string
	}{
		{"", sidecar{}, ""},
		{"focus = [0, 1.0]\ntitle = \"A\"\nalt = \"B\"", sidecar{[]float64{0, 1}, "A", "B"}, ""},
		{"focus = [0.5]", sidecar{}, "a.jpg.toml:1: focus is [0.5]: write two numbers from 0 to 1"},
		{"focus = [0.5, nan]", sidecar{}, "focus is [0.5 NaN]"},
		{"focus = [-1, 0]", sidecar{}, "focus is [-1 0]"},
		{"focus = \"left\"", sidecar{}, "write focus = [0.5, 0.3]"},
		{"\n\ntitle = 5", sidecar{}, "a.jpg.toml:3: title is of another kind"},
		{"# x\n  Focus = \"left\"", sidecar{}, "a.jpg.toml:2: "},
		{"title = \"a\"\nTags = []", sidecar{}, "a.jpg.toml:2: Tags: unknown key: known are focus, title and alt"},
		{"title = \"a\"\r\n\"Tags\" = []\r\n", sidecar{}, "a.jpg.toml:2: Tags: unknown key"},
		{"title = \"a\"\n\n[exif]\nlens = 1", sidecar{}, "a.jpg.toml:3: exif"},
		{"exif.lens = 1", sidecar{}, "a.jpg.toml:1: exif.lens: unknown key"},
		{"\n[ 'a=b' ]", sidecar{}, "a.jpg.toml: \"a=b\": unknown key"},
		{"\ntitle = a", sidecar{}, "a.jpg.toml:2: "},
		{strings.Repeat("#", maxSidecar+1), sidecar{}, "longer than 65536 bytes"},
	} {
		got, err := parseSidecar("a.jpg.toml", []byte(tt.text))
		switch {
		case tt.err == "" && (err != nil || !reflect.DeepEqual(got, tt.want)):
			t.Errorf("%.40q: %+v, %v", tt.text, got, err)
		case tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)):
			t.Errorf("%.40q: %v, want %q", tt.text, err, tt.err)
		}
	}
}

// A focus decides only over what is cut.
func TestFocusChangesWhatIsCut(t *testing.T) {
	r, err := new(Pipeline).newRules("", Settings{Variants: []Variant{
		{Variant: resize.Variant{Name: "cut", Width: 9, Height: 9, Fit: resize.Cover}}, {Variant: resize.Variant{Name: "whole", Width: 9}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	left, right := r.around([]float64{0, 0.5}), r.around([]float64{1, 0.5})
	if r.around(nil) != r {
		t.Error("without a focus the rules are others")
	}
	if r.parts["cut/jpeg"] == left.parts["cut/jpeg"] || left.parts["cut/jpeg"] == right.parts["cut/jpeg"] {
		t.Error("a focus does not change the digest of what is cut")
	}
	if r.parts["whole/jpeg"] != left.parts["whole/jpeg"] {
		t.Error("a focus changes the digest of what is not cut")
	}
	if r.recipe.Focus != nil || *left.recipe.Focus != (resize.Focus{X: 0, Y: 0.5}) {
		t.Errorf("the rules for all have the focus %v, those for one %v", r.recipe.Focus, left.recipe.Focus)
	}
}

func FuzzParseSidecar(f *testing.F) {
	f.Add([]byte("focus = [0.5, 0.25]\ntitle = \"a\"\nalt = \"b\""))
	f.Add([]byte("[focus]\nx = 1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseSidecar("a.jpg.toml", text)
		if err == nil && s.Focus != nil && (len(s.Focus) != 2 || !(s.Focus[0] >= 0 && s.Focus[1] <= 1)) {
			t.Errorf("focus %v passed", s.Focus)
		}
	})
}
