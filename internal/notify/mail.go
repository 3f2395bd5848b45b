package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wneessen/go-mail"
	"golang.org/x/time/rate"
)

// How a connection to a mail server is encrypted.
const (
	StartTLS = "starttls" // begins in the clear and must go over to TLS (RFC 3207); port 587
	TLS      = "tls"      // from its first byte; port 465
	NoTLS    = "none"     // for a server on this machine
)

// MailOptions name a server, and who writes to whom.
type MailOptions struct {
	Host           string
	Port           int
	Encryption     string // StartTLS, TLS or NoTLS
	User, Password string // no User: no authentication
	From           string
	To             []string
	Batch          int     // recipients on one connection, each with a letter of his own
	Rate           float64 // letters a second; 0: no limit
	Timeout        time.Duration
	Roots          *x509.CertPool // that the server's certificate is held to; nil: the system's
}

// Mail sends letters by SMTP (RFC 5321). Everybody gets one of his own, so nobody sees who else got it.
type Mail struct {
	opts  MailOptions
	limit *rate.Limiter
}

// NewMail returns a channel; it does not connect yet.
func NewMail(o MailOptions) *Mail {
	m := &Mail{o, rate.NewLimiter(rate.Inf, 1)}
	if o.Rate > 0 {
		m.limit.SetLimit(rate.Limit(o.Rate))
	}
	return m
}

// Recipients are in batches of one connection.
func (m *Mail) Recipients() [][]string {
	return slices.Collect(slices.Chunk(slices.Clone(m.opts.To), max(m.opts.Batch, 1)))
}

// Deliver sends to those in l.To, one after the other. A recipient whom the server turns away for good is refused; one that it has no time
// for stays, behind the others.
func (m *Mail) Deliver(ctx context.Context, l *Letter) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("mail server %s: %w", m.opts.Host, err)
	}
	defer client.Close() // what the server says to QUIT changes nothing
	var later []string
	defer func() { l.To = append(l.To, later...) }()
	for len(l.To) > 0 {
		if err := m.limit.Wait(ctx); err != nil {
			return err
		}
		letter, fault := m.write(l.Message, l.To[0])
		if fault != nil { // of the addresses
			l.refuse(fault)
			continue
		}
		var refusal *mail.SendError
		fault = client.Send(letter)
		switch {
		case fault == nil:
			l.accept()
		case errors.As(fault, &refusal) && refusal.ErrorCode() >= 500:
			l.refuse(fault)
		case errors.As(fault, &refusal) && refusal.ErrorCode() >= 400: // this one later, the next one now
			later, err = append(later, l.To[0]), fault
			l.To = l.To[1:]
		default: // the connection is gone
			return fmt.Errorf("mail server %s: %w", m.opts.Host, fault)
		}
	}
	return err
}

func (m *Mail) client() (*mail.Client, error) {
	o := []mail.Option{mail.WithPort(m.opts.Port), mail.WithTimeout(m.opts.Timeout)}
	switch m.opts.Encryption {
	case TLS:
		o = append(o, mail.WithSSL())
	case NoTLS:
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if m.opts.Roots != nil {
		o = append(o, mail.WithTLSConfig(&tls.Config{ServerName: m.opts.Host, RootCAs: m.opts.Roots, MinVersion: tls.VersionTLS12}))
	}
	if m.opts.User != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.opts.User), mail.WithPassword(m.opts.Password))
	}
	return mail.NewClient(m.opts.Host, o...)
}

func (m *Mail) write(what Message, to string) (*mail.Msg, error) {
	letter := mail.NewMsg()
	if err := letter.From(m.opts.From); err != nil {
		return nil, err
	}
	if err := letter.To(to); err != nil {
		return nil, err
	}
	letter.Subject(what.Subject)
	letter.SetDateWithValue(what.Time)
	letter.SetMessageID()
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office replies
	letter.SetBodyString(mail.TypeTextPlain, what.Text)
	return letter, nil
}
