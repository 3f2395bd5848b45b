package config

import (
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The words of [notify].
var (
	Notices     = []string{"failed", "batch", "daily"}
	Encryptions = []string{"starttls", "tls", "none"}
)

// MailPassword is the environment's variable that goes before notify.email.password.
const MailPassword = "PIXMILL_SMTP_PASSWORD"

// Notify says of what people are told, and how.
type Notify struct {
	On      []string
	Quiet   time.Duration
	Daily   time.Duration // since midnight
	Webhook string        // a URL; "": none
	Desktop bool
	Email   Email
}

// Email names a mail server; without a server there is no mail.
type Email struct {
	Server         string // host:port
	Encryption     string
	User, Password string
	From           string
	To             []string
	Rate           int // letters a minute; 0: no limit
	Batch          int // recipients on one connection
}

// Anyone reports whether somebody is to be told of something.
func (n Notify) Anyone() bool {
	return len(n.On) > 0 && (n.Webhook != "" || n.Desktop || n.Email.Server != "")
}

func readNotify(t *table) Notify {
	defer t.done()
	n := Notify{
		On:      t.words("on", []string{"failed", "batch"}, Notices),
		Quiet:   t.duration("quiet", "1m", time.Millisecond),
		Daily:   t.clock("daily", "08:00"),
		Webhook: t.text("webhook", ""),
		Desktop: t.flag("desktop", false),
		Email:   readEmail(t.sub("email")),
	}
	if u, err := url.Parse(n.Webhook); n.Webhook != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		t.fail("webhook", "is not a web address: write one that begins with https://")
	}
	return n
}

func readEmail(t *table) Email {
	defer t.done()
	e := Email{
		Server:     t.text("server", ""),
		Encryption: t.word("encryption", "starttls", Encryptions),
		User:       t.text("user", ""),
		Password:   t.text("password", ""),
		From:       t.text("from", ""),
		To:         t.texts("to", nil),
		Rate:       int(t.whole("rate", 60, 0, 100_000)),
		Batch:      int(t.whole("batch", 20, 1, 1000)),
	}
	if given := os.Getenv(MailPassword); given != "" {
		e.Password = given
	}
	if len(e.To) == 0 {
		e.To = nil
	}
	if e.Server == "" {
		for _, key := range []string{"to", "from", "user"} {
			if v, given := t.m[key]; given && v != "" && (key != "to" || e.To != nil) {
				t.fail(key, "stands without server, so nobody is told: write one as in server = \"smtp.example.com:587\"")
				break
			}
		}
		return e
	}
	if host, _, err := SplitServer(e.Server); err != nil || host == "" {
		t.fail("server", "%q is not a server and its port: write them as in server = \"smtp.example.com:587\"", e.Server)
	}
	address := func(key, a string) {
		if _, err := mail.ParseAddress(a); err != nil {
			t.fail(key, "%q is not a mail address: write one as in \"jane@example.com\"", a)
		}
	}
	address("from", e.From)
	for _, to := range e.To {
		address("to", to)
	}
	if len(e.To) == 0 {
		t.fail("to", "is empty: name who is to be told, as in to = [\"jane@example.com\"]")
	}
	return e
}

// SplitServer takes "host:port" apart.
func SplitServer(server string) (host string, port uint16, err error) {
	host, text, err := net.SplitHostPort(server)
	if err != nil {
		return "", 0, err
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return host, uint16(n), err
}

// words is a list of some of the words.
func (t *table) words(key string, def, words []string) []string {
	list := t.texts(key, def)
	for _, w := range list {
		if !slices.Contains(words, w) {
			t.fail(key, "%q is none of %s%s", w, strings.Join(words, ", "), meant(w, words))
		}
	}
	return list
}

// clock is a time of the day, written "08:00"; it returns how long after midnight that is.
func (t *table) clock(key, def string) time.Duration {
	s := t.text(key, def)
	at, err := time.Parse("15:04", s)
	if err != nil {
		t.fail(key, "%q is not a time of the day: write hours and minutes, as in %s = %q", s, key, def)
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
}
