package cluster

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pixmill/internal/pipeline"
	"pixmill/resize"
)

var small = resize.Recipe{Variants: []resize.Variant{{Name: "s", Width: 20}, {Name: "m", Width: 40, Formats: []string{"jpeg", "png"}}}}

func work(data string, r resize.Recipe) pipeline.Work {
	return pipeline.Work{Data: []byte(data), Hash: strings.Repeat("ab", 32), Info: resize.Info{Format: "jpeg", Width: 4, Height: 3}, Recipe: r,
		Limits: resize.Limits{Width: 5, Time: time.Second}}
}

func TestJobTravels(t *testing.T) {
	marked := resize.Recipe{Variants: []resize.Variant{{Name: "s", Width: 20, Finish: &resize.Finish{Mark: &resize.Mark{Image: make([]byte, 2*largest)}}}}}
	for name, r := range map[string]resize.Recipe{"small": small, "large": marked} {
		j := newJob(work("data", r), nil)
		got, err := decodeJob(jobSubject(j.id), encode(j))
		if err != nil || got.id != j.id || !reflect.DeepEqual(got.Info, j.Info) || got.Limits != j.Limits || got.Source != j.Source {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if (got.Aside != nil) != (name == "large") || len(encode(j)) > 2*largest {
			t.Errorf("%s: %d bytes, aside %v", name, len(encode(j)), got.Aside)
		}
	}
	j := newJob(work("data", small), nil)
	if r, err := decodeRecipe(j.recipe); err != nil || !reflect.DeepEqual(r, small) {
		t.Errorf("got %+v, %v", r, err)
	}
}

// The same is asked for under the same name, and only the same.
func TestJobNames(t *testing.T) {
	of := func(change func(*pipeline.Work)) string {
		w := work("data", small)
		change(&w)
		return newJob(w, nil).id
	}
	same := of(func(*pipeline.Work) {})
	for name, test := range map[string]struct {
		change func(*pipeline.Work)
		same   bool
	}{
		"nothing": {func(*pipeline.Work) {}, true},
		"header":  {func(w *pipeline.Work) { w.Info.Width = 9 }, true},
		"photo":   {func(w *pipeline.Work) { w.Hash = strings.Repeat("cd", 32) }, false},
		"recipe":  {func(w *pipeline.Work) { w.Recipe.Variants = w.Recipe.Variants[:1] }, false},
		"limits":  {func(w *pipeline.Work) { w.Limits.Width = 6 }, false},
	} {
		if got := of(test.change); (got == same) != test.same {
			t.Errorf("%s: %s and %s", name, got, same)
		}
	}
}

// A job whose bytes lie elsewhere is another one.
func TestJobNamesStore(t *testing.T) {
	seen := map[string]bool{newJob(work("data", small), nil).id: true}
	for _, store := range []Bucket{{Name: "a"}, {Name: "a", Prefix: "b"}, {Name: "a", Endpoint: "http://host"}} {
		j := newJob(work("data", small), &store)
		got, err := decodeJob(j.subject, encode(j))
		if err != nil || *got.Store != store || got.Source.Sum == 0 || seen[j.id] {
			t.Errorf("%+v: %+v, seen %t, %v", store, got.Source, seen[j.id], err)
		}
		seen[j.id] = true
	}
}

// A worker declines what it does not understand, instead of making something else.
func TestStrangeJobs(t *testing.T) {
	j := newJob(work("data", small), nil)
	plain := string(encode(j))
	for name, text := range map[string]string{
		"a field":   strings.Replace(plain, `"version":1`, `"version":1,"colour_space":"p3"`, 1),
		"a version": strings.Replace(plain, `"version":1`, `"version":2`, 1),
		"a limit":   strings.Replace(plain, `"limits":{`, `"limits":{"Layers":5,`, 1),
		"no job":    "text",
	} {
		if _, err := decodeJob(jobSubject(j.id), []byte(text)); text == plain || !errors.Is(err, errStrange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"a kernel": `{"Variants":[{"Name":"a","Width":5,"Kernel":"jinc"}]}`,
		"a field":  `{"Variants":[{"Name":"a","Width":5,"Depth":16}]}`,
	} {
		if _, err := decodeRecipe([]byte(text)); !errors.Is(err, errStrange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the pipeline tells apart arrives as what it was.
func TestFaultsTravel(t *testing.T) {
	for _, err := range []error{
		&resize.FormatError{Format: "jpeg", Truncated: true},
		&resize.FormatError{Format: "png", Reason: "no end"},
		&resize.UnsupportedError{Format: "tiff", Feature: "a thing", Remedy: "convert it"},
		&resize.TooLargeError{Figure: "5 px", Key: "limits.width", Limit: "4"},
		&resize.PanicError{Value: "index out of range", Stack: []byte("goroutine 1")},
		errors.New("the disk is on fire"),
	} {
		var f *fault
		if err := decode(encode(newFault(err)), &f); err != nil {
			t.Fatal(err)
		}
		got := f.err()
		if got.Error() != err.Error() || reflect.TypeOf(got) != reflect.TypeOf(err) || pipeline.Rejects(got) != pipeline.Rejects(err) {
			t.Errorf("%T %v came as %T %v", err, err, got, got)
		}
	}
}

func TestBundle(t *testing.T) {
	shared := []byte("shared")
	of := func() result {
		return result{Made: resize.Result{Outputs: []resize.Output{{Data: shared}, {Data: []byte("other")}, {Data: shared}, {Data: nil}}}}
	}
	r := of()
	all := r.bundle()
	if want := "sharedother"; string(all) != want {
		t.Errorf("%q", all)
	}
	for _, o := range r.Made.Outputs {
		if o.Data != nil {
			t.Error("the data are still in the message")
		}
	}
	if err := r.unbundle(all); err != nil {
		t.Fatal(err)
	}
	for i, o := range of().Made.Outputs {
		if !bytes.Equal(r.Made.Outputs[i].Data, o.Data) {
			t.Errorf("output %d is %q", i, r.Made.Outputs[i].Data)
		}
	}
	damaged := r
	damaged.Sum++
	if err := damaged.unbundle(all); !errors.Is(err, errDamaged) {
		t.Errorf("damaged: %v", err)
	}
	for name, parts := range map[string][]part{
		"too few": {{0, 1}}, "beyond": {{0, 99}, {0, 1}, {0, 1}, {0, 1}}, "before": {{-1, 2}, {0, 1}, {0, 1}, {0, 1}},
		"overflow": {{1, 1<<63 - 1}, {0, 1}, {0, 1}, {0, 1}}, "negative": {{5, -2}, {0, 1}, {0, 1}, {0, 1}},
	} {
		bad := of()
		bad.Parts, bad.Sum = parts, r.Sum
		if err := bad.unbundle(all); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Nothing that travels says what time it is, so that clocks that differ can do no harm.
func TestNoClocksTravel(t *testing.T) {
	var look func(path string, typ reflect.Type)
	seen := map[reflect.Type]bool{}
	look = func(path string, typ reflect.Type) {
		if typ == reflect.TypeFor[time.Time]() {
			t.Errorf("%s is a time", path)
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			look(path, typ.Elem())
		case reflect.Struct:
			for i := range typ.NumField() {
				if f := typ.Field(i); f.IsExported() {
					look(path+"."+f.Name, f.Type)
				}
			}
		}
	}
	look("job", reflect.TypeFor[job]())
	look("result", reflect.TypeFor[result]())
	look("node", reflect.TypeFor[Node]())
	if len(seen) < 20 {
		t.Errorf("looked at %d types only", len(seen))
	}
}
