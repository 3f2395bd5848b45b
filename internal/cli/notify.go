package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/notify"
	"pixmill/internal/pipeline"
	"pixmill/internal/sandbox"
	"pixmill/pool"
	"pixmill/sink"
	"pixmill/sink/ledger"
)

// addNotices lets a session tell people what happens, as its config wants it.
func (s *session) addNotices() {
	c := s.config.Notify
	if !c.Anyone() {
		return
	}
	n := notify.New(notify.Options{
		Kinds:    c.On,
		Channels: channels(c),
		Retry:    pool.Retry{MaxAttempts: 6, Backoff: time.Second, MaxBackoff: time.Minute},
		Quiet:    c.Quiet,
		Daily:    c.Daily,
		Busy:     func() bool { return s.pipeline.Pending() > 0 },
		Day:      s.lastDay,
		Ended:    s.notified,
		Progress: func(m notify.Message, sent, all int) {
			s.log.Info(fmt.Sprintf("%q: %d of %d have it", m.Subject, sent, all))
		},
		Warn: func(err error) { s.log.Warn(err.Error()) },
	})
	s.after.queues = append(s.after.queues, n)
	s.heard = append(s.heard, func(r pipeline.Report) {
		e := notify.Event{Source: s.shorten(r.Source), Reason: r.Reason, Outputs: len(r.Outputs), In: r.SourceBytes, Out: r.OutputBytes}
		switch {
		case r.Before:
		case r.Status == sink.Done:
			n.Hear(e)
		case r.Status == sink.Rejected, r.Status == sink.Dead:
			e.Failed = true
			n.Hear(e)
		}
	})
}

func channels(c config.Notify) (all []notify.Channel) {
	if c.Webhook != "" {
		all = append(all, notify.Webhook{URL: c.Webhook, Timeout: 30 * time.Second})
	}
	if c.Desktop {
		all = append(all, notify.Desktop{})
	}
	if e := c.Email; e.Server != "" {
		host, port, _ := config.SplitServer(e.Server) // which the config has checked
		all = append(all, notify.NewMail(notify.MailOptions{
			Host: host, Port: int(port), Encryption: e.Encryption, User: e.User, Password: e.Password,
			From: e.From, To: e.To, Batch: e.Batch, Rate: float64(e.Rate) / 60, Timeout: 30 * time.Second,
		}))
	}
	return all
}

// notifying is what the channels need of the network.
func notifying(c config.Notify, p *sandbox.Policy) {
	if !c.Anyone() {
		return
	}
	if c.Desktop {
		p.Sockets = append(p.Sockets, sessionBus()...)
	}
	if _, port, err := config.SplitServer(c.Email.Server); err == nil {
		p.Connect = append(p.Connect, port)
	}
	if u, err := url.Parse(c.Webhook); err == nil && c.Webhook != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		switch {
		case err == nil:
		case u.Scheme == "http":
			port = 80
		default:
			port = 443
		}
		p.Connect = append(p.Connect, uint16(port))
	}
}

// sessionBus are the sockets by which freedesktop's desktops are reached (D-Bus specification, "Server Addresses").
func sessionBus() []string {
	sockets := []string{filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")}
	for _, address := range strings.Split(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), ";") {
		if path, found := strings.CutPrefix(address, "unix:path="); found {
			path, _, _ = strings.Cut(path, ",")
			sockets = append(sockets, path)
		}
	}
	return sockets
}

// notified tells how a message went.
func (s *session) notified(r notify.Result) {
	if r.Sent > 0 {
		text := fmt.Sprintf("%q: told %d", r.Subject, r.Sent)
		if r.Sent > 1 {
			text += fmt.Sprintf(" in %s, %.1f a second", r.Took.Round(100*time.Millisecond), r.Rate())
		}
		s.log.Info(text)
	}
	for _, f := range r.Refused {
		s.log.Warn(fmt.Sprintf("%q: %s could not be told: %s", r.Subject, f.To, sink.Printable(strings.TrimSpace(f.Why.Error()))))
	}
}

// lastDay sums up the last 24 hours, by the ledger.
func (s *session) lastDay() (t notify.Tally, err error) {
	l, err := ledger.Read(sink.LedgerPath(s.config.State))
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	sources, err := l.Since(time.Now().Add(-24 * time.Hour))
	if err != nil {
		return t, err
	}
	for _, src := range sources {
		e := notify.Event{Source: src.Name, Reason: src.Reason, In: src.Size, Outputs: len(src.Outputs)}
		for _, o := range src.Outputs {
			e.Out += o.Bytes
		}
		e.Failed = src.Status == string(sink.Rejected) || src.Status == string(sink.Dead)
		t.Add(e)
	}
	return t, nil
}
