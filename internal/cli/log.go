package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"gopkg.in/natefinch/lumberjack.v2"
)

// logger writes to stderr or to --log-file: for people as text, for machines as JSON.
func (a *app) logger() (*slog.Logger, error) {
	var out io.Writer = a.stderr
	if a.logFile != "" {
		out = &lumberjack.Logger{Filename: a.logFile, MaxSize: 10, MaxBackups: 3} // megabytes
	}
	level := slog.LevelInfo
	if a.verbose {
		level = slog.LevelDebug
	}
	switch a.logFormat {
	case "text":
		return slog.New(&textHandler{out: out, level: level, mu: new(sync.Mutex)}), nil
	case "json":
		return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level})), nil
	default:
		return nil, usageError{fmt.Errorf("--log-format: %q is neither text nor json", a.logFormat)}
	}
}

// textHandler writes a message as a sentence, its level before it where it is a warning or an error, its attributes behind.
type textHandler struct {
	out   io.Writer
	level slog.Level
	attrs []slog.Attr
	mu    *sync.Mutex
}

func (h *textHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	var b bytes.Buffer
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	}
	b.WriteString(r.Message)
	write := func(a slog.Attr) bool {
		fmt.Fprintf(&b, "  %s=%v", a.Key, a.Value)
		return true
	}
	for _, a := range h.attrs {
		write(a)
	}
	r.Attrs(write)
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.out.Write(b.Bytes())
	return err
}

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	more.attrs = append(h.attrs[:len(h.attrs):len(h.attrs)], attrs...)
	return &more
}

// WithGroup is unused here: pixmill's log has flat attributes.
func (h *textHandler) WithGroup(string) slog.Handler { return h }
