package dashboard

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// guard lets through requests of whoever may make them, and sets the headers that every answer has:
//
//   - Host must be one of ours: a page of evil.example whose name is made to lead to this machine (DNS rebinding) is no longer
//     "same origin". An IP address in Host can't be made to lead anywhere else, so all of them are ours.
//   - What changes something must not come from another origin (http.CrossOriginProtection: Sec-Fetch-Site, else Origin).
//   - With a token, whoever asks must know it: as `Authorization: Bearer`, or by the cookie that it was changed for.
func (d *Dashboard) guard(next http.Handler) http.Handler {
	origins := http.NewCrossOriginProtection()
	origins.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusForbidden, "this request comes from another site's page")
	}))
	protected := origins.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !public(r) && !d.knows(r) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="pixmill"`)
			fail(w, http.StatusUnauthorized, "a token is needed: dashboard.token in config.toml has it")
			return
		}
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		if !d.called(r.Host) {
			fail(w, http.StatusMisdirectedRequest, "this name is not one of the dashboard's: add it to dashboard.hosts in config.toml")
			return
		}
		protected.ServeHTTP(w, r)
	})
}

// policy lets the page use its own scripts, styles and pictures, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
}

// called reports whether a request's Host is ours.
func (d *Dashboard) called(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	own, _, _ := net.SplitHostPort(d.opts.Listen)
	return host == "localhost" || net.ParseIP(host) != nil || host != "" && host == strings.ToLower(own) ||
		slices.ContainsFunc(d.opts.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// public reports whether a request needs no token: the page without what it shows, the door, and what a supervisor asks.
func public(r *http.Request) bool {
	return isAsset(r.URL.Path) || slices.Contains([]string{"/api/v1/session", "/healthz", "/readyz"}, r.URL.Path)
}

const cookieName = "pixmill"

// cookie is what the token is changed for: it stays the same over restarts, and does not tell the token.
func (d *Dashboard) cookie() string {
	mac := hmac.New(sha256.New, []byte(d.opts.Token))
	mac.Write([]byte("pixmill dashboard session"))
	return hex.EncodeToString(mac.Sum(nil))
}

// knows reports whether a request's sender knows the token. Comparisons take the same time wherever texts differ.
func (d *Dashboard) knows(r *http.Request) bool {
	if d.opts.Token == "" {
		return true
	}
	if given, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		return same(given, d.opts.Token)
	}
	c, err := r.Cookie(cookieName)
	return err == nil && same(c.Value, d.cookie())
}

// same hashes first, so that lengths are the same too.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// session says whether a token is needed and known.
type session struct {
	Needed bool `json:"needed"`
	Known  bool `json:"known"`
}

func (d *Dashboard) getSession(w http.ResponseWriter, r *http.Request) {
	answer(w, session{d.opts.Token != "", d.knows(r)})
}

// cookieDays is how long a browser need not ask for the token again.
const cookieDays = 90

// wrongTokenTime holds up whoever guesses.
const wrongTokenTime = 500 * time.Millisecond

// postSession changes the token for a cookie that scripts can't read and other sites' pages don't send.
func (d *Dashboard) postSession(w http.ResponseWriter, r *http.Request) {
	var given struct {
		Token string `json:"token"`
	}
	if !take(w, r, &given) {
		return
	}
	if d.opts.Token != "" && !same(given.Token, d.opts.Token) {
		select {
		case <-time.After(wrongTokenTime):
		case <-r.Context().Done():
		}
		fail(w, http.StatusForbidden, "this is not the token: dashboard.token in config.toml has it")
		return
	}
	d.setCookie(w, d.cookie(), cookieDays*24*60*60)
	answer(w, session{d.opts.Token != "", true})
}

func (d *Dashboard) deleteSession(w http.ResponseWriter, _ *http.Request) {
	d.setCookie(w, "", -1)
	answer(w, session{d.opts.Token != "", d.opts.Token == ""})
}

func (d *Dashboard) setCookie(w http.ResponseWriter, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: d.opts.TLSCert != ""})
}
