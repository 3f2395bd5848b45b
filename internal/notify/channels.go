package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gen2brain/beeep"
)

// Webhook posts messages as JSON.
type Webhook struct {
	URL     string
	Timeout time.Duration
}

// Recipients is the URL's host: the rest of it may be a secret.
func (w Webhook) Recipients() [][]string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return [][]string{{"webhook"}}
	}
	return [][]string{{u.Host}}
}

// Deliver posts; any status of 2xx is success, one of 4xx a refusal, but for 408 and 429, which ask for another attempt.
func (w Webhook) Deliver(ctx context.Context, l *Letter) error {
	body, err := json.Marshal(l.Message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the URL
		}
		return fmt.Errorf("webhook: %w", err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) // so that the connection can be used again
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		l.accept()
		return nil
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		l.refuse(fmt.Errorf("webhook: %s", response.Status))
		return nil
	}
	return fmt.Errorf("webhook: %s", response.Status)
}

// Desktop shows messages to who sits at this machine: by freedesktop's notifications, macOS' or Windows'.
type Desktop struct{}

// Recipients is one.
func (Desktop) Recipients() [][]string { return [][]string{{"this desktop"}} }

// Deliver shows a letter. A desktop that is not there will not come.
func (Desktop) Deliver(_ context.Context, l *Letter) error {
	beeep.AppName = "pixmill"
	if err := beeep.Notify(l.Subject, l.Text, ""); err != nil {
		l.refuse(fmt.Errorf("desktop: %w", err))
		return nil
	}
	l.accept()
	return nil
}
