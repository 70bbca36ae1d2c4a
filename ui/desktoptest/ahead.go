//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// Ahead has a desktop with these options started whenever a test has got one, for the
// next test that wants such a one, until stop is called, which returns when the last has
// ended. It is for a TestMain whose tests start desktops one after the other.
func Ahead(opts ...Option) (stop func()) {
	next.mu.Lock()
	defer next.mu.Unlock()
	next.on, next.opts = true, chosen(opts)
	return func() {
		next.mu.Lock()
		defer next.mu.Unlock()
		next.on = false
		if next.made != nil {
			<-next.made.done
			next.made.desktop.end()
			next.made = nil
		}
	}
}

// next is the desktop that is made ahead.
var next struct {
	mu   sync.Mutex // guards what follows
	on   bool
	opts options
	made *madeAhead // nil for none
}

// madeAhead is a desktop that no test has yet, and stands in for the test meanwhile.
type madeAhead struct {
	testing.TB // nil: there is none
	desktop    *Desktop
	outside    []string      // of what of the machine it was made
	failed     string        // why it could not be started
	done       chan struct{} // it has been started, or not
}

func (*madeAhead) Helper()                  {}
func (*madeAhead) Context() context.Context { return context.Background() }
func (*madeAhead) Failed() bool             { return false }

func (m *madeAhead) Fatalf(format string, args ...any) {
	m.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// Errorf is what the end of one that no test got may say.
func (m *madeAhead) Errorf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// makeAhead starts the next desktop, where Ahead was called.
func makeAhead() {
	next.mu.Lock()
	defer next.mu.Unlock()
	if !next.on || next.made != nil {
		return
	}
	m := &madeAhead{outside: outside(), done: make(chan struct{})}
	next.made = m
	o := next.opts
	go func() {
		defer close(m.done)
		m.desktop = newDesktop(m, o)
		m.desktop.start()
	}()
}

// takeAhead is the desktop that was made ahead, nil where it is none for a test that
// wants o: it has other options, another environment, or could not be started.
func takeAhead(o options) *Desktop {
	next.mu.Lock()
	defer next.mu.Unlock()
	m := next.made
	if m == nil || o != next.opts {
		return nil
	}
	<-m.done
	next.made = nil
	if m.failed != "" || !slices.Equal(m.outside, outside()) {
		if m.desktop != nil {
			m.desktop.end()
		}
		return nil
	}
	return m.desktop
}

// outside is what of the test's own environment a desktop is made of.
func outside() []string {
	all := []string{os.TempDir()}
	for _, name := range append([]string{"PATH"}, passedOn...) {
		all = append(all, name+"="+os.Getenv(name))
	}
	return all
}
