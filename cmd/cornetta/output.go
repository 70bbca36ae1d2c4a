package main

import (
	"context"
	"io"
	"log/slog"

	"cornetta/dialer"
	"cornetta/ui/words"
)

// output is where a command prints. It remembers the first error, so that a disk that
// is full is not taken for a command that had little to say.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// warnings is the log of a command: what a person has to know, as a sentence.
type warnings struct{ w io.Writer }

func (warnings) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (l warnings) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok {
			text += ": " + words.ProblemText(dialer.ProblemOf(err, ""))
		}
		return true
	})
	complain(l.w, text)
	return nil
}

func (l warnings) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l warnings) WithGroup(string) slog.Handler      { return l }
