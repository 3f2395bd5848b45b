package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"pixmill/pool"
)

// post is a mail server that fails as it is told to.
type post struct {
	mu    sync.Mutex
	got   map[string]int // letters by recipient
	texts []string
	users []string
	dials int

	rcpt func(to string, n int) error // what it says to a recipient, at the nth time
	data func(to string, n int) error
	asks map[string]int
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dials++
	return &envelope{post: p}, nil
}

type envelope struct {
	post *post
	to   string
}

func (e *envelope) AuthMechanisms() []string { return []string{sasl.Plain} }
func (e *envelope) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "secret" {
			return &smtp.SMTPError{Code: 535, Message: "no"}
		}
		e.post.users = append(e.post.users, user)
		return nil
	}), nil
}
func (e *envelope) Reset()                               { e.to = "" }
func (e *envelope) Logout() error                        { return nil }
func (e *envelope) Mail(string, *smtp.MailOptions) error { return nil }

func (e *envelope) ask(what string, say func(string, int) error) error {
	if say == nil {
		return nil
	}
	e.post.mu.Lock()
	defer e.post.mu.Unlock()
	e.post.asks[what+e.to]++
	return say(e.to, e.post.asks[what+e.to])
}

func (e *envelope) Rcpt(to string, _ *smtp.RcptOptions) error {
	if e.to != "" {
		return &smtp.SMTPError{Code: 452, Message: "one at a time"}
	}
	e.to = to
	return e.ask("rcpt ", e.post.rcpt)
}

func (e *envelope) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := e.ask("data ", e.post.data); err != nil {
		return err
	}
	e.post.mu.Lock()
	defer e.post.mu.Unlock()
	e.post.got[e.to]++
	e.post.texts = append(e.post.texts, string(text))
	return nil
}

// serve starts the server on loopback, with STARTTLS, and returns how to reach it.
func (p *post) serve(t *testing.T) MailOptions {
	t.Helper()
	p.got, p.asks = map[string]int{}, map[string]int{}
	web := httptest.NewTLSServer(nil) // for its certificate, of 127.0.0.1
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	certificate := web.TLS.Certificates[0]
	web.Close()
	s := smtp.NewServer(p)
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-served })
	return MailOptions{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Encryption: StartTLS, From: "pixmill@example.com", Timeout: 10 * time.Second, Roots: roots}
}

func people(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("p%03d@example.com", i)
	}
	return all
}

// send lets a notifier send one message, and returns how that went.
func send(t *testing.T, channels ...Channel) Result {
	t.Helper()
	results := make(chan Result, 1)
	n := New(Options{
		Kinds: []string{Batch}, Channels: channels, Quiet: time.Hour,
		Retry: pool.Retry{MaxAttempts: 4, Backoff: time.Millisecond, MaxBackoff: 5 * time.Millisecond},
		Ended: func(r Result) { results <- r },
		Warn:  func(err error) { t.Error(err) },
	})
	ran := make(chan error, 1)
	go func() { ran <- n.Run(context.Background()) }()
	n.Hear(Event{Source: "a.jpg", Outputs: 5, In: 1000, Out: 100})
	n.Hear(Event{Source: "b.jpg", Failed: true, Reason: "damaged"})
	if err := n.Finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := <-ran; err != nil {
		t.Fatal(err)
	}
	return <-results
}

// One answer in twenty is a failure, for the time being, for good, or by hanging up. Everyone has the letter exactly once, or is among the refused.
func TestEveryRecipientOnceOrRefused(t *testing.T) {
	answers := 0
	hiccup := func(to string, n int) error {
		switch answers++; {
		case strings.HasPrefix(to, "p013") || strings.HasPrefix(to, "p113"):
			return &smtp.SMTPError{Code: 550, Message: "no such person"}
		case answers%20 == 0:
			return &smtp.SMTPError{Code: 451, Message: "later"}
		case answers%77 == 0:
			return &smtp.SMTPError{Code: 421, Message: "going down"}
		}
		return nil
	}
	p := &post{rcpt: hiccup, data: hiccup}
	o := p.serve(t)
	o.To, o.Batch = people(200), 10
	r := send(t, NewMail(o))
	if r.Sent+len(r.Refused) != 200 {
		t.Errorf("%d have it, %d never will, of 200", r.Sent, len(r.Refused))
	}
	refused := map[string]bool{}
	for _, x := range r.Refused {
		if refused[x.To] || x.Why == nil {
			t.Errorf("%s is refused twice, or without a reason: %v", x.To, x.Why)
		}
		refused[x.To] = true
	}
	for _, to := range people(200) {
		if got := p.got[to]; refused[to] && got != 0 || !refused[to] && got != 1 {
			t.Errorf("%s has %d letters, refused: %t", to, got, refused[to])
		}
	}
	if !refused["p013@example.com"] || !refused["p113@example.com"] || len(refused) > 6 {
		t.Errorf("refused: %v", r.Refused)
	}
	if p.dials > 100 {
		t.Errorf("%d connections for 20 batches", p.dials)
	}
	t.Logf("%d sent, %d refused, %d connections, %.0f/s", r.Sent, len(r.Refused), p.dials, r.Rate())
}

func TestMailSaysWhatHappened(t *testing.T) {
	p := &post{}
	o := p.serve(t)
	o.To, o.Batch, o.User, o.Password = people(1), 1, "jane", "secret"
	if r := send(t, NewMail(o)); r.Sent != 1 {
		t.Fatalf("not sent: %v", r.Refused)
	}
	text := p.texts[0]
	for _, want := range []string{"Subject: pixmill: 1 photo done, 1 failed", "To: <p000@example.com>", "From: <pixmill@example.com>",
		"Auto-Submitted: auto-generated", "1 photo: 1.0 kB became 100 B in 5 files", "b.jpg: damaged"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q:\n%s", want, text)
		}
	}
	if len(p.users) != 1 || p.users[0] != "jane" {
		t.Errorf("users are %v", p.users)
	}
}

func TestMailRefused(t *testing.T) {
	p := &post{}
	o := p.serve(t)
	o.To, o.Batch = []string{"p000@example.com", "not an address"}, 2
	if r := send(t, NewMail(o)); r.Sent != 1 || len(r.Refused) != 1 || r.Refused[0].To != "not an address" {
		t.Errorf("%d sent, refused %v", r.Sent, r.Refused)
	}
	wrong := o
	wrong.To, wrong.User, wrong.Password = people(1), "jane", "guess"
	if r := send(t, NewMail(wrong)); r.Sent != 0 || len(r.Refused) != 1 {
		t.Errorf("with a wrong password: %d sent, refused %v", r.Sent, r.Refused)
	}
	stranger := o
	stranger.To, stranger.Roots = people(1), x509.NewCertPool()
	if r := send(t, NewMail(stranger)); r.Sent != 0 || len(r.Refused) != 1 || !strings.Contains(r.Refused[0].Why.Error(), "certificate") {
		t.Errorf("with an unknown certificate: %d sent, refused %v", r.Sent, r.Refused)
	}
	gone := o
	gone.To, gone.Port = people(3), 1
	if r := send(t, NewMail(gone)); r.Sent != 0 || len(r.Refused) != 3 {
		t.Errorf("without a server: %d sent, refused %v", r.Sent, r.Refused)
	}
}
