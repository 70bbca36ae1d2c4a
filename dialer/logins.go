package dialer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

const (
	// After maxRefused refused logins within refusedWindow Cornetta stops trying by
	// itself: a PBX, or its fail2ban, locks out whoever goes on.
	maxRefused    = 3
	refusedWindow = 10 * time.Minute

	// loginLongest is the longest that a login can take. An older mark ".tried" is of
	// a program that was killed: its result is not known and counts as refused.
	loginLongest = time.Minute

	// maxListed bounds how many files of the directory are read.
	maxListed = 1000
)

// Logins counts the refused logins of all of a person's programs, on disk, so
// that neither a restart nor the command line gets round the limit. It is a
// directory with an empty file for each login that is being tried or was
// refused; the file's name is all there is to it:
//
//	HASH-MILLISECONDS-RANDOM.tried | .refused
//
// Files of their own need no lock between processes, survive a crash between
// a login and its answer, and hold nothing that could be hostile; HASH is of
// host, port and user. Where the directory cannot be used the counting goes on
// in memory. Methods are safe for concurrent use and do not block but for the
// disk.
type Logins struct {
	dir string
	now func() time.Time // the wall clock: times are compared between processes

	mu   sync.Mutex // guards what follows
	mine map[string]struct{}
}

// OpenLogins counts in dir, which need not exist; with "" in memory only.
func OpenLogins(dir string) *Logins {
	return &Logins{dir: dir, now: time.Now, mine: make(map[string]struct{})}
}

// attempt is a login that is being tried.
type attempt struct {
	l    *Logins
	key  string
	name string
}

// begin notes that a login is about to be tried. With asked, a person wants this
// login, and it is allowed whatever the count. Otherwise, where too many were
// refused, the error is a *TroubleError that says until when.
func (l *Logins) begin(a config.Account, asked bool) (*attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	t := &attempt{l: l, key: loginKey(a)}
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	t.name = fmt.Sprintf("%s-%d-%x", t.key, now.UnixMilli(), b)
	l.putLocked(t.name + tried)
	var refused []time.Time
	pending := 0
	for name := range l.namesLocked() {
		m, ok := parseMark(name)
		switch {
		case !ok:
			continue
		case !m.counts(now):
			l.dropLocked(name)
			continue
		case m.key != t.key, name == t.name+tried:
			continue
		case m.pending(now):
			pending++
			continue
		}
		refused = append(refused, m.at)
	}
	// Logins under way count only where others were refused.
	if n := len(refused); !asked && n > 0 && n+pending >= maxRefused {
		l.dropLocked(t.name + tried)
		slices.SortFunc(refused, time.Time.Compare)
		until := refused[max(0, n-maxRefused)].Add(refusedWindow) // then one fewer than the limit are left
		err := fmt.Errorf("dialer: %d logins were refused", n)
		return nil, &TroubleError{Trouble: status.Problem{Code: status.CodeLoginsHeld, Until: until}, Err: err}
	}
	return t, nil
}

// end notes how the login came out: err is ami.Dial's.
func (t *attempt) end(err error) {
	l := t.l
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil: // the account is right: earlier refusals do not count any more
		for name := range l.namesLocked() {
			if m, ok := parseMark(name); ok && m.key == t.key {
				l.dropLocked(name)
			}
		}
	case loginRefused(err):
		l.putLocked(t.name + refused)
	}
	l.dropLocked(t.name + tried)
}

// Pardon allows one more login, because the person has changed something about the
// account.
func (l *Logins) Pardon(a config.Account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var marks []string
	for name := range l.namesLocked() {
		if m, ok := parseMark(name); ok && m.key == loginKey(a) {
			marks = append(marks, name)
		}
	}
	slices.Sort(marks) // by their time
	for len(marks) >= maxRefused {
		l.dropLocked(marks[0])
		marks = marks[1:]
	}
}

// loginRefused reports whether the PBX refused the login, or did not answer it.
func loginRefused(err error) bool {
	for _, e := range []error{ami.ErrAuthFailed, ami.ErrAlreadyLoggedIn, ami.ErrLoginClosed, ami.ErrLoginTimeout} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// dial is ami.Dial, counted.
func (l *Logins) dial(ctx context.Context, a config.Account, asked bool, cfg ami.Config) (*ami.Client, error) {
	t, err := l.begin(a, asked)
	if err != nil {
		return nil, err
	}
	c, err := ami.Dial(ctx, cfg)
	t.end(err)
	return c, err
}

// loginKey is a hash of host, port and user.
func loginKey(a config.Account) string {
	sum := sha256.Sum256([]byte(strings.ToLower(a.Host) + "\x00" + strconv.Itoa(a.Port) + "\x00" + a.Username))
	return hex.EncodeToString(sum[:8])
}

const (
	tried   = ".tried"
	refused = ".refused"
)

type mark struct {
	key     string
	at      time.Time
	outcome string
}

// parseMark reads a file's name; false for what is not a mark of ours.
func parseMark(name string) (mark, bool) {
	outcome := filepath.Ext(name)
	parts := strings.Split(strings.TrimSuffix(name, outcome), "-")
	if len(parts) != 3 || len(parts[0]) != 16 || (outcome != tried && outcome != refused) {
		return mark{}, false
	}
	ms, err := strconv.ParseInt(parts[1], 10, 64)
	return mark{parts[0], time.UnixMilli(ms), outcome}, err == nil
}

// counts reports whether the mark is of the last refusedWindow. One that is far in
// the future was made before the clock was set back, and does not count.
func (m mark) counts(now time.Time) bool {
	age := now.Sub(m.at)
	return -refusedWindow < age && age < refusedWindow
}

func (m mark) pending(now time.Time) bool { return m.outcome == tried && now.Sub(m.at) < loginLongest }

func (l *Logins) putLocked(name string) {
	l.mine[name] = struct{}{}
	if l.dir == "" || os.MkdirAll(l.dir, 0o700) != nil || durable.Private(l.dir) != nil {
		return
	}
	// Nothing is synced: it has to outlive this process, not a power cut.
	if f, err := os.OpenFile(filepath.Join(l.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close()
	}
}

func (l *Logins) dropLocked(name string) {
	delete(l.mine, name)
	if l.dir != "" {
		_ = os.Remove(filepath.Join(l.dir, name))
	}
}

// namesLocked are the marks of this process and of others.
func (l *Logins) namesLocked() map[string]struct{} {
	names := make(map[string]struct{}, len(l.mine))
	for name := range l.mine {
		names[name] = struct{}{}
	}
	if l.dir == "" {
		return names
	}
	list, _ := durable.Names(l.dir, maxListed)
	for _, name := range list {
		names[name] = struct{}{}
	}
	return names
}
