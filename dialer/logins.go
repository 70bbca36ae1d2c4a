package dialer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
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
	// itself: a PBX, or its fail2ban, locks out whoever goes on. It counts what comes
	// from an address, whoever's login it is, and so does Cornetta.
	maxRefused    = 3
	refusedWindow = 10 * time.Minute

	// loginLongest is the longest that a login can take. An older mark ".tried" is of
	// a program that was killed: its result is not known and counts as refused.
	loginLongest = time.Minute

	// maxListed bounds how many files of the directory are read.
	maxListed = 1000

	// lookAgain is when to look again whether a login of another program has ended,
	// and lockPatience how long to wait for one that is just looking.
	lookAgain    = 50 * time.Millisecond
	lockPatience = 2 * time.Second
)

// Logins counts the refused logins of all of a person's programs, on disk, so
// that neither a restart nor the command line gets round the limit. It is a
// directory with an empty file for each login that is being tried or was
// refused; the file's name is all there is to it:
//
//	PBX-USER-MILLISECONDS-RANDOM.tried | .refused
//
// PBX is a hash of the PBX's address and port, however it was spelled, and USER one of
// both and the user. The file is there before the login is sent, and only as many are
// sent at a time as could be refused. A lock makes that true also of programs that begin
// at the same moment; a file survives a crash between a login and its answer, and holds
// nothing that could be hostile.
//
// Where the directory cannot be used each program counts for itself, in memory: a disk
// that is full keeps nobody from dialling. Methods are safe for concurrent use and block
// on the disk.
type Logins struct {
	dir string
	now func() time.Time // the wall clock: times are compared between processes

	mu   sync.Mutex          // guards what follows
	mine map[string]struct{} // the marks that are not in dir
}

// OpenLogins counts in dir, which need not exist; with "" in memory only.
func OpenLogins(dir string) *Logins {
	return &Logins{dir: dir, now: time.Now, mine: make(map[string]struct{})}
}

// attempt is a login that is being tried.
type attempt struct {
	l     *Logins
	marks []mark // one for each address of the PBX
}

// target is a user of a PBX, with a hash of each address under which the PBX is reached.
type target struct {
	user string
	pbx  []string
}

func targetOf(user string, at []netip.Addr, port string) target {
	t := target{user: user}
	for _, addr := range at {
		t.pbx = append(t.pbx, hashOf(8, addr.String(), port))
	}
	return t
}

func hashOf(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:n])
}

// userKey tells the users of a PBX apart, as an Asterisk does: not by capitals.
func userKey(pbx, user string) string { return hashOf(4, pbx, strings.ToLower(user)) }

// begin notes that a login is about to be tried. With asked, a person wants this
// login, and it is allowed whatever the count. Otherwise it waits while so many logins
// are under way that with those refused before they make maxRefused, and where those
// were refused the error is a *TroubleError that says until when.
func (l *Logins) begin(ctx context.Context, at target, asked bool) (*attempt, error) {
	for {
		unlock := l.lock(ctx)
		a, err := l.enter(at, asked)
		unlock()
		if a != nil || err != nil {
			return a, err
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, fmt.Errorf("dialer: behind others: %w", ami.ErrLoginTimeout)
			}
			return nil, ctx.Err()
		}
	}
}

// enter is begin without waiting: nil and no error where others have to end first.
func (l *Logins) enter(at target, asked bool) (*attempt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	refused, pending := make(map[string][]time.Time), make(map[string]int)
	for m := range l.marksLocked() {
		switch {
		case !m.counts(now):
			l.dropLocked(m)
		case m.pending(now):
			pending[m.pbx]++
		default:
			refused[m.pbx] = append(refused[m.pbx], m.at)
		}
	}
	a, wait := &attempt{l: l}, false
	var until time.Time
	for _, pbx := range at.pbx {
		times := refused[pbx]
		slices.SortFunc(times, time.Time.Compare)
		if n := len(times); n >= maxRefused {
			if end := times[n-maxRefused].Add(refusedWindow); end.After(until) { // then one fewer than the limit are left
				until = end
			}
		}
		wait = wait || len(times)+pending[pbx] >= maxRefused
		var b [4]byte
		_, _ = rand.Read(b[:]) // never fails
		a.marks = append(a.marks, mark{pbx, userKey(pbx, at.user), time.UnixMilli(now.UnixMilli()), hex.EncodeToString(b[:]), tried})
	}
	switch {
	case asked:
	case !until.IsZero():
		err := fmt.Errorf("dialer: %d logins were refused", maxRefused)
		return nil, &TroubleError{Trouble: status.Problem{Code: status.CodeLoginsHeld, Until: until}, Err: err}
	case wait:
		return nil, nil //nolint:nilnil // said above
	}
	for _, m := range a.marks {
		l.putLocked(m)
	}
	return a, nil
}

// end notes how the login came out: refused says that it counts as a refused one.
func (a *attempt) end(err error, refused bool) {
	l := a.l
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil { // the account is right: its earlier refusals do not count any more
		for m := range l.marksLocked() {
			if m.outcome == refusedMark && slices.ContainsFunc(a.marks, func(own mark) bool { return own.pbx == m.pbx && own.user == m.user }) {
				l.dropLocked(m)
			}
		}
	}
	for _, m := range a.marks {
		if refused {
			r := m
			r.outcome = refusedMark
			l.putLocked(r)
		}
		l.dropLocked(m)
	}
}

// Pardon allows the account's user one more login, because the person has changed the
// password.
func (l *Logins) Pardon(a config.Account) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all, own := make(map[string]int), make(map[string][]mark)
	for m := range l.marksLocked() {
		all[m.pbx]++
		if m.user == userKey(m.pbx, a.Username) {
			own[m.pbx] = append(own[m.pbx], m)
		}
	}
	for pbx, marks := range own {
		slices.SortFunc(marks, func(a, b mark) int { return a.at.Compare(b.at) })
		for ; all[pbx] >= maxRefused && len(marks) > 0; all[pbx]-- {
			l.dropLocked(marks[0])
			marks = marks[1:]
		}
	}
}

// dial is ami.Dial, counted.
func (l *Logins) dial(ctx context.Context, a config.Account, asked bool, cfg ami.Config) (*ami.Client, error) {
	addrs, err := resolve(ctx, &cfg)
	if err != nil {
		return nil, err
	}
	t, err := l.begin(ctx, targetOf(a.Username, machines(addrs), strconv.Itoa(a.Port)), asked)
	if err != nil {
		return nil, err
	}
	spoke, passed := false, cfg.OnStep
	cfg.OnStep = func(s ami.Step) {
		spoke = spoke || s == ami.StepBanner
		if passed != nil {
			passed(s)
		}
	}
	c, err := ami.Dial(ctx, cfg)
	t.end(err, spoke && loginSent(err))
	return c, err
}

// loginSent reports whether the PBX, which spoke, may have got the login that ended with
// err. That somebody gave it up, or that no answer came, is no reason to think that the
// PBX did not refuse it.
func loginSent(err error) bool {
	return err != nil && !errors.Is(err, ami.ErrAuthMethod) && !errors.Is(err, ami.ErrChallenge)
}

// The ends of the files' names.
const (
	tried       = ".tried"
	refusedMark = ".refused"
)

// mark is a file, by its name.
type mark struct {
	pbx, user string
	at        time.Time
	random    string
	outcome   string
}

func (m mark) name() string {
	return fmt.Sprintf("%s-%s-%d-%s%s", m.pbx, m.user, m.at.UnixMilli(), m.random, m.outcome)
}

// parseMark reads a file's name; false for what is not a mark of ours.
func parseMark(name string) (mark, bool) {
	outcome := filepath.Ext(name)
	parts := strings.Split(strings.TrimSuffix(name, outcome), "-")
	if len(parts) != 4 || len(parts[0]) != 16 || len(parts[1]) != 8 || (outcome != tried && outcome != refusedMark) {
		return mark{}, false
	}
	ms, err := strconv.ParseInt(parts[2], 10, 64)
	m := mark{parts[0], parts[1], time.UnixMilli(ms), parts[3], outcome}
	return m, err == nil && m.name() == name
}

// counts reports whether the mark is of the last refusedWindow. One that is far in
// the future was made before the clock was set back, and does not count.
func (m mark) counts(now time.Time) bool {
	age := now.Sub(m.at)
	return -refusedWindow < age && age < refusedWindow
}

func (m mark) pending(now time.Time) bool { return m.outcome == tried && now.Sub(m.at) < loginLongest }

// lock keeps other programs, and other goroutines of this one, from looking at the files
// and adding one until unlock is called. Where that takes too long, or there can be no
// lock, it goes on without one.
func (l *Logins) lock(ctx context.Context) (unlock func()) {
	if os.MkdirAll(l.dir, 0o700) != nil || !l.usable() {
		return func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		f, err := durable.Lock(filepath.Join(l.dir, "lock"))
		switch {
		case err == nil:
			return func() { _ = f.Close() } // it stays, because it could not be removed safely everywhere
		case !errors.Is(err, durable.ErrLocked):
			return func() {}
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return func() {}
		}
	}
}

// usable reports whether the directory is one, no link to another, and nobody else's to
// write in: for reading and for writing alike.
func (l *Logins) usable() bool {
	info, err := os.Lstat(l.dir)
	return err == nil && info.IsDir() && durable.Private(l.dir) == nil
}

func (l *Logins) putLocked(m mark) {
	if os.MkdirAll(l.dir, 0o700) == nil && l.usable() {
		// Nothing is synced: it has to outlive this process, not a power cut.
		if f, err := os.OpenFile(filepath.Join(l.dir, m.name()), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			_ = f.Close()
			return
		}
	}
	l.mine[m.name()] = struct{}{}
}

func (l *Logins) dropLocked(m mark) {
	delete(l.mine, m.name())
	if l.usable() {
		_ = os.Remove(filepath.Join(l.dir, m.name()))
	}
}

// marksLocked are the marks of this process and of others.
func (l *Logins) marksLocked() map[mark]struct{} {
	marks := make(map[mark]struct{}, len(l.mine))
	add := func(name string) {
		if m, ok := parseMark(name); ok {
			marks[m] = struct{}{}
		}
	}
	for name := range l.mine {
		add(name)
	}
	if !l.usable() {
		return marks
	}
	list, _ := durable.Names(l.dir, maxListed)
	for _, name := range list {
		add(name)
	}
	return marks
}
