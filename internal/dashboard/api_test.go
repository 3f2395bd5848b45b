package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// descriptionOf is as much of openapi.json as the test follows.
type descriptionOf struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct {
				Schema json.RawMessage `json:"schema"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
}

func readDescription(t *testing.T) (descriptionOf, *jsonschema.Compiler) {
	t.Helper()
	var d descriptionOf
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(description))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return d, c
}

func TestEveryRouteIsDescribedAndNoOther(t *testing.T) {
	d, _ := readDescription(t)
	var described, served []string
	for path, methods := range d.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range New(Options{}).routes() {
		served = append(served, r.method+" "+r.path)
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("openapi.json describes\n%s\nserved is\n%s", strings.Join(described, "\n"), strings.Join(served, "\n"))
	}
}

// keeps holds an answer to what openapi.json says of it.
func keeps(t *testing.T, d descriptionOf, c *jsonschema.Compiler, method, route string, got reply) {
	t.Helper()
	code := http.StatusText(got.StatusCode)
	responses := d.Paths[route][strings.ToLower(method)].Responses
	name := strings.Fields(got.Status)[0]
	content, known := responses[name]
	if !known {
		t.Errorf("%s %s answers %s %s, which openapi.json does not know", method, route, name, code)
		return
	}
	kind, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	if _, ok := content.Content[kind]; !ok && !(strings.HasPrefix(kind, "image/") && content.Content["image/*"].Schema != nil) {
		t.Errorf("%s %s answers %s with %q, which openapi.json does not know", method, route, name, kind)
		return
	}
	if kind != "application/json" {
		return
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1").Replace
	schema, err := c.Compile("openapi.json#/paths/" + escape(route) + "/" + strings.ToLower(method) + "/responses/" + name + "/content/application~1json/schema")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(got.body))
	if err != nil {
		t.Errorf("%s %s: %v in %q", method, route, err, got.body)
		return
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s %s %s: %v\n%s", method, route, name, err, got.body)
	}
}

func TestAnswersKeepToTheDescription(t *testing.T) {
	d, c := readDescription(t)
	h := newHouse(t, func(o *Options) {
		o.SetPool = func(int) error { return nil }
		o.Inboxes[0].Most = 1 << 20
		o.Reveal = func(context.Context, string) error { return nil }
	})
	h.drop("scene.jpg", "a.jpg")
	h.settled(1)
	h.drop("truncated-50.jpg", "bad.jpg")
	h.settled(2)
	var photos struct{ Photos []Photo }
	h.must(json.Unmarshal([]byte(h.ask("GET", "/api/v1/photos", "").body), &photos))
	var failures struct{ Failures []Failure }
	h.must(json.Unmarshal([]byte(h.ask("GET", "/api/v1/failures", "").body), &failures))
	if len(photos.Photos) != 1 || len(failures.Failures) != 1 || len(photos.Photos[0].Stages) == 0 {
		t.Fatalf("%+v %+v", photos, failures)
	}
	picture, err := os.ReadFile(filepath.Join(images, "grey.jpg"))
	h.must(err)
	const photo, failure = "1", "2"
	asked := map[string]bool{}
	for _, q := range []struct {
		code                      int
		method, route, path, body string
	}{
		{200, "GET", "/api/v1/openapi.json", "", ""},
		{200, "GET", "/api/v1/session", "", ""},
		{200, "POST", "/api/v1/session", "", `{"token":""}`},
		{400, "POST", "/api/v1/session", "", `{"tokn":""}`},
		{200, "DELETE", "/api/v1/session", "", ""},
		{200, "GET", "/api/v1/state", "", ""},
		{200, "PUT", "/api/v1/intake", "", `{"paused":true}`},
		{503, "GET", "/readyz", "", ""},
		{200, "PUT", "/api/v1/intake", "", `{"paused":false}`},
		{400, "PUT", "/api/v1/intake", "", `{`},
		{200, "PUT", "/api/v1/workers", "", `{"workers":3}`},
		{400, "PUT", "/api/v1/workers", "", `{"workers":0}`},
		{200, "GET", "/api/v1/config", "", ""},
		{200, "GET", "/api/v1/pipelines", "", ""},
		{200, "GET", "/api/v1/photos", "", ""},
		{200, "GET", "/api/v1/photos", "?match=nothing&limit=1&older=5.5", ""},
		{400, "GET", "/api/v1/photos", "?older=x", ""},
		{400, "GET", "/api/v1/photos", "?limit=0", ""},
		{200, "GET", "/api/v1/photos/marks", "", ""},
		{400, "GET", "/api/v1/photos/marks", "?every=0", ""},
		{200, "GET", "/api/v1/photos/{id}", photo, ""},
		{404, "GET", "/api/v1/photos/{id}", "77", ""},
		{400, "GET", "/api/v1/photos/{id}", "x", ""},
		{200, "GET", "/api/v1/photos/{id}/original", photo, ""},
		{200, "GET", "/api/v1/photos/{id}/outputs/{n}", photo + "/outputs/0", ""},
		{404, "GET", "/api/v1/photos/{id}/outputs/{n}", photo + "/outputs/9", ""},
		{200, "GET", "/api/v1/failures", "", ""},
		{200, "GET", "/api/v1/failures/{id}/place", failure, ""},
		{200, "POST", "/api/v1/failures/{id}/reveal", failure, ""},
		{404, "POST", "/api/v1/failures/{id}/reveal", "77", ""},
		{400, "POST", "/api/v1/failures/retry", "", `{}`},
		{200, "POST", "/api/v1/failures/retry", "", `{"ids":[` + failure + `,99]}`},
		{200, "GET", "/api/v1/savings", "?download", ""},
		{200, "GET", "/api/v1/savings.csv", "", ""},
		{200, "POST", "/api/v1/uploads", "?name=new.jpg", string(picture)},
		{400, "POST", "/api/v1/uploads", "?name=new.jpg&pipeline=nobody", string(picture)},
		{400, "POST", "/api/v1/uploads", "?name=../new.jpg", string(picture)},
		{415, "POST", "/api/v1/uploads", "?name=new.jpg", "no picture"},
		{413, "POST", "/api/v1/uploads", "?name=new.jpg", strings.Repeat(string(picture), 1+(1<<20)/len(picture))},
		{200, "GET", "/metrics", "", ""},
		{200, "GET", "/healthz", "", ""},
		{200, "GET", "/readyz", "", ""},
		{200, "POST", "/api/v1/failures/dismiss", "", `{"all":true}`},
	} {
		path := q.route + q.path
		if before, after, found := strings.Cut(q.route, "{id}"); found {
			path = before + q.path
			if !strings.Contains(q.path, "/") {
				path += after
			}
		}
		asked[q.method+" "+q.route] = true
		keeps(t, d, c, q.method, q.route, h.expect(q.code, q.method, path, q.body))
	}
	for _, r := range h.d.routes() {
		if !asked[r.method+" "+r.path] && r.path != "/api/v1/events" { // which has a test of its own
			t.Errorf("%s %s: nothing asked for it", r.method, r.path)
		}
	}
	h.expect(404, "GET", "/elsewhere", "")
	h.expect(405, "POST", "/api/v1/state", "")
}
