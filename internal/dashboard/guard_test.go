package dashboard

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHostMustBeOurs(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Listen, o.Hosts = "mill.lan:8420", []string{"Nas.example"} })
	for host, code := range map[string]int{
		"localhost": 200, "localhost:8420": 200, "LOCALHOST:1": 200, "127.0.0.1:8420": 200, "192.168.7.7": 200, "[::1]:8420": 200,
		"mill.lan": 200, "nas.example:8420": 200, "nas.example.": 200,
		"evil.example": 421, "evil.example:8420": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "xn--nas.example": 421,
	} {
		h.expect(code, "GET", "/api/v1/state", "", "Host", host)
		h.expect(code, "GET", "/", "", "Host", host)
	}
}

func TestOtherSitesCannotChangeAnything(t *testing.T) {
	h := newHouse(t, nil)
	for _, r := range h.d.routes() {
		if r.method == "GET" {
			continue
		}
		path := strings.NewReplacer("{id}", "1", "{n}", "0").Replace(r.path)
		h.expect(403, r.method, path, "{}", "Origin", "https://evil.example")
		h.expect(403, r.method, path, "{}", "Sec-Fetch-Site", "cross-site")
		h.expect(403, r.method, path, "{}", "Origin", "null")
	}
	h.expect(200, "PUT", "/api/v1/intake", `{"paused":true}`, "Origin", h.server.URL)
	h.expect(200, "PUT", "/api/v1/intake", `{"paused":false}`, "Sec-Fetch-Site", "same-origin")
	h.expect(200, "PUT", "/api/v1/intake", `{"paused":false}`) // curl
}

func TestToken(t *testing.T) {
	const token = "correct horse battery"
	h := newHouse(t, func(o *Options) { o.Token = token })
	public := map[string]bool{"GET /api/v1/session": true, "POST /api/v1/session": true, "DELETE /api/v1/session": true,
		"GET /healthz": true, "GET /readyz": true}
	for _, r := range h.d.routes() {
		if public[r.method+" "+r.path] {
			continue
		}
		path := strings.NewReplacer("{id}", "1", "{n}", "0").Replace(r.path)
		h.expect(401, r.method, path, "{}")
		h.expect(401, r.method, path, "{}", "Authorization", "Bearer "+token+"x")
		h.expect(401, r.method, path, "{}", "Cookie", "pixmill="+token)
		h.expect(401, r.method, path, "{}", "Cookie", "pixmill=")
	}
	h.expect(200, "GET", "/", "")
	h.expect(200, "GET", "/api/v1/state", "", "Authorization", "Bearer "+token)
	if got := h.expect(200, "GET", "/api/v1/session", "").body; !strings.Contains(got, `"needed":true,"known":false`) {
		t.Error(got)
	}
	h.expect(403, "POST", "/api/v1/session", `{"token":"wrong"}`)
	h.expect(403, "POST", "/api/v1/session", `{"token":""}`)
	got := h.expect(200, "POST", "/api/v1/session", `{"token":"`+token+`"}`)
	cookies := got.Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%q", got.Header)
	}
	c := cookies[0]
	if c.SameSite != http.SameSiteStrictMode || !c.HttpOnly || c.Secure || c.Path != "/" || strings.Contains(c.Value, token) {
		t.Errorf("the cookie is %+v", c)
	}
	h.expect(200, "GET", "/api/v1/state", "", "Cookie", "pixmill="+c.Value)
	if got := h.expect(200, "DELETE", "/api/v1/session", "").Cookies(); len(got) != 1 || got[0].MaxAge >= 0 {
		t.Errorf("%+v", got)
	}
	again := New(Options{Token: token})
	if again.cookie() != c.Value {
		t.Error("a restart changes the cookie")
	}
	if New(Options{Token: token + "x"}).cookie() == c.Value {
		t.Error("another token has the same cookie")
	}
	secure := httptest.NewRecorder()
	New(Options{Token: token, TLSCert: "cert.pem"}).setCookie(secure, "x", 1)
	if !secure.Result().Cookies()[0].Secure {
		t.Error("under TLS the cookie may travel without it")
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.Token = "correct horse battery" })
	for _, got := range []reply{
		h.expect(200, "GET", "/", ""),
		h.expect(401, "GET", "/api/v1/state", ""),
		h.expect(404, "GET", "/nothing", "", "Authorization", "Bearer correct horse battery"),
		h.expect(421, "GET", "/", "", "Host", "evil.example"),
		h.expect(403, "PUT", "/api/v1/intake", "{}", "Origin", "https://evil.example"),
	} {
		for header, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got.Header.Get(header) != want {
				t.Errorf("%s %s: %s is %q", got.Request.URL, got.Status, header, got.Header.Get(header))
			}
		}
		policy := got.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", got.Request.URL, part, policy)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy allows too much: %s", got.Request.URL, policy)
		}
	}
}

// The policy allows neither; what a browser refuses would only be seen there.
func TestPageHasNoInlineScriptOrStyle(t *testing.T) {
	for path, a := range assets() {
		text := strings.ReplaceAll(string(a.plain), "http://www.w3.org/2000/svg", "") // the name of a namespace, which nobody fetches
		for _, bad := range []string{"<style", " style=", " onclick=", " onload=", "javascript:", "innerHTML", "http://", "https://", "eval("} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		for rest := text; ; {
			_, after, found := strings.Cut(rest, "<script")
			if !found {
				break
			}
			if tag, _, _ := strings.Cut(after, ">"); !strings.Contains(tag, "src=") {
				t.Errorf("%s has an inline script", path)
			}
			rest = after
		}
		if a.kind == "" {
			t.Errorf("%s has no type", path)
		}
	}
}
