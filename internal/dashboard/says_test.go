package dashboard

import (
	"reflect"
	"testing"
)

func TestExposure(t *testing.T) {
	for want, got := range map[string]string{
		"":                               exposure("", 0, 0, 0),
		"1/250 s, f/2.8, ISO 100, 35 mm": exposure("1/250", 2.8, 100, 35),
		"2 s, 4.25 mm":                   exposure("2", 0, 0, 4.25),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSaysNothingOfWhatIsNotKnown(t *testing.T) {
	for _, probe := range [][]byte{nil, []byte("of another pixmill {}")} {
		if got := says(probe); !reflect.DeepEqual(got, []Fact{}) {
			t.Errorf("%q says %v", probe, got)
		}
	}
}
