package cli

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"pixmill/internal/config"
	"pixmill/internal/dashboard"
)

// follow prints how the pixmill that works with this config does, until that or ctx ends: in place on a terminal, else a line when something
// has changed.
func (a *app) follow(ctx context.Context, asJSON bool) error {
	c, log, err := a.begin(config.Overrides{})
	if err != nil {
		return err
	}
	if c.Dashboard.Listen == "" {
		return usageError{fmt.Errorf("%s: dashboard.listen is \"\", so nobody tells how it goes: write an address there, and start pixmill again", a.configFile)}
	}
	events, url, err := openEvents(ctx, c.Dashboard)
	if err != nil {
		return err
	}
	defer events.Close()
	show, end := a.follower(asJSON)
	defer end()
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok && err == nil {
			var s dashboard.State
			if err := json.Unmarshal(data, &s); err != nil {
				return fmt.Errorf("%s: this is not what a pixmill of our version says: %w", url, err)
			}
			show(s, data)
		}
		if err != nil {
			if ctx.Err() == nil {
				log.Info("pixmill has stopped")
			}
			return nil
		}
	}
}

// openEvents asks the dashboard of a config for its events.
func openEvents(ctx context.Context, c config.Dashboard) (io.ReadCloser, string, error) {
	url := dashboard.New(dashboard.Options{Listen: c.Listen, TLSCert: c.TLSCert}).URL() + "api/v1/events"
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	if c.TLSCert != "" { // our own, which nobody else may have signed
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pem, err := os.ReadFile(c.TLSCert)
		if err != nil {
			return nil, url, usageError{err}
		}
		pool.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, url, err
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	got, err := transport.RoundTrip(r)
	if err != nil {
		return nil, url, fmt.Errorf("no dashboard answers: %w: is `pixmill watch` running with this config?", err)
	}
	if got.StatusCode != http.StatusOK {
		got.Body.Close()
		return nil, url, fmt.Errorf("%s answers %s: is another program listening there, or a pixmill with another token?", url, got.Status)
	}
	return got.Body, url, nil
}

// follower is how states are shown.
func (a *app) follower(asJSON bool) (show func(s dashboard.State, data []byte), end func()) {
	switch {
	case asJSON:
		return func(_ dashboard.State, data []byte) { a.stdout.Write(data) }, func() {}
	case isTerminal(os.Stdout) && escapes(os.Stdout):
		l := &live{terminal: os.Stdout}
		return func(s dashboard.State, _ []byte) { l.show(liveLines(s, time.Now())) }, func() {}
	}
	last, told := "", time.Time{}
	return func(s dashboard.State, _ []byte) {
		line := figures(s)
		// Figures of work under way change all the time: of those, one line a second.
		if line == last || s.Busy > 0 && time.Since(told) < time.Second {
			return
		}
		last, told = line, time.Now()
		fmt.Fprintf(a.stdout, "%s  %s\n", told.Format(time.TimeOnly), line)
	}, func() {}
}
