package asterisktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/internal/freeport"
)

// startTimeout is for a machine that has much else to do: Asterisk itself
// needs a quarter of a second.
const startTimeout = 30 * time.Second

// PBX is a real Asterisk. Its methods may be called from any goroutine.
type PBX struct {
	version  Version
	settings settings
	cert     certificate
	refuser  *answerer

	mu      sync.Mutex // guards what follows, and lets one start or end at a time
	process *process   // the running one, or the last
}

// Launch starts an Asterisk in the directory, which must exist and be empty,
// and blocks until calls can be made. It fails with ErrNotSetUp where setup.sh
// was not run. Whoever calls it calls Close.
func Launch(dir string, v Version) (*PBX, error) {
	from, err := root(v)
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("asterisktest: %w", err)
	}
	// Another program may take a port between our choice and Asterisk's start.
	for try := 1; ; try++ {
		p, err := launch(from, dir, v)
		if err == nil || try == 5 || !errors.Is(err, errPortTaken) {
			return p, err
		}
	}
}

func launch(from, dir string, v Version) (*PBX, error) {
	p := &PBX{version: v, settings: settings{Root: from, Dir: dir, AdminSecret: rand.Text()}}
	var err error
	if p.settings.AMIPort, p.settings.TLSPort, p.settings.SIPPort, err = freePorts(); err != nil {
		return nil, fmt.Errorf("asterisktest: no free port: %w", err)
	}
	if p.cert, err = newCertificate(); err != nil {
		return nil, fmt.Errorf("asterisktest: no certificate: %w", err)
	}
	if p.refuser, err = startAnswerer(); err != nil {
		return nil, fmt.Errorf("asterisktest: no port for a phone: %w", err)
	}
	p.settings.RefuserPort = p.refuser.port()
	if err = p.settings.write(p.cert); err != nil {
		p.refuser.close()
		return nil, fmt.Errorf("asterisktest: no configuration: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err = p.startLocked(); err != nil {
		p.refuser.close()
		return nil, err
	}
	return p, nil
}

// freePorts returns two TCP ports and a UDP port of 127.0.0.1 that nobody has
// at this moment.
func freePorts() (ami, tls, sip int, err error) {
	for tls == ami && err == nil {
		ami, err = freeport.TCP()
		if err == nil {
			tls, err = freeport.TCP()
		}
	}
	if err == nil {
		sip, err = freeport.UDP()
	}
	return ami, tls, sip, err
}

// errPortTaken is a start that failed because another program has a port.
var errPortTaken = errors.New("a port was taken by another program")

// errNoPhones is a start after which the hint of a phone never says Idle. Seen once
// (22.10.1), with nothing in the log.
var errNoPhones = errors.New("the phones are not there")

// phonesTake is how long after the start the phones' states may come, before
// Asterisk is started anew.
const phonesTake = 10 * time.Second

// startLocked starts the process and blocks until it has booted.
func (p *PBX) startLocked() error {
	for try := 1; ; try++ {
		if err := p.startOnceLocked(); err == nil || try == 3 || !errors.Is(err, errNoPhones) {
			return err
		}
	}
}

func (p *PBX) startOnceLocked() error {
	// The log tells whether a port was free, so it must be this start's alone.
	if err := os.RemoveAll(filepath.Join(p.settings.Dir, "log", logFile)); err != nil {
		return fmt.Errorf("asterisktest: %w", err)
	}
	proc, err := startProcess(p.settings.Root, p.settings.Dir)
	if err != nil {
		return fmt.Errorf("asterisktest: cannot start %v: %w", p.version, err)
	}
	if err := p.booted(proc, time.Now().Add(startTimeout)); err != nil {
		_ = proc.kill()
		return fmt.Errorf("asterisktest: %v did not start: %w\n%s", p.version, err, p.LogTail())
	}
	p.process = proc
	return nil
}

// booted blocks until the process takes calls.
func (p *PBX) booted(proc *process, deadline time.Time) error {
	var last error
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for time.Now().Before(deadline) {
		if p.portTaken() {
			return errPortTaken
		}
		// Not the whole deadline: a stranger on our port may never say a word.
		s, err := openSession(p.Addr(), adminUsername, p.settings.AdminSecret, "off", time.Now().Add(time.Second))
		if err == nil {
			defer s.close()
			// Logins are taken before the modules are there.
			if err := s.conn.SetDeadline(deadline); err != nil {
				return err
			}
			if _, err := s.command("core waitfullybooted"); err != nil {
				return err
			}
			// Booted as it is, it still registers the last of its console's
			// commands and learns the states of its phones.
			for begun := time.Now(); !settled(s); {
				if time.Since(begun) > phonesTake {
					return errNoPhones
				}
				if proc.ended() {
					return errors.New("it ended")
				}
				<-retry.C
			}
			if p.portTaken() {
				return errPortTaken
			}
			return nil
		}
		last = err
		if proc.ended() {
			return errors.New("it ended")
		}
		<-retry.C
	}
	return last
}

// settled reports whether all that Asterisk does behind its start is done.
func settled(s *session) bool {
	connected := 0
	for _, e := range pbxsim.Extensions {
		if e.Phone != pbxsim.NotConnected {
			connected++
		}
	}
	hints, err := s.command("core show hints")
	if err != nil || strings.Count(hints, "State:Idle") != connected {
		return false
	}
	_, err = s.command("core show settings")
	return err == nil
}

// portTaken reports whether Asterisk complained, in the log of this start,
// that it could not listen. It goes on without, which no test could use.
func (p *PBX) portTaken() bool {
	text, err := os.ReadFile(filepath.Join(p.settings.Dir, "log", logFile))
	return err == nil && strings.Contains(string(text), "Address already in use")
}

// Addr is where AMI is spoken in clear, "127.0.0.1:port". It stays the same
// over Restart.
func (p *PBX) Addr() string { return loopback(p.settings.AMIPort) }

// TLSAddr is where AMI is spoken over TLS, with the certificate of CertPEM.
func (p *PBX) TLSAddr() string { return loopback(p.settings.TLSPort) }

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// CertPEM is the self-signed certificate of TLSAddr, valid for 127.0.0.1 and
// localhost, to be put among the roots.
func (p *PBX) CertPEM() []byte { return p.cert.cert }

// Fingerprint is the certificate's SHA-256 in lowercase hex, to be pinned.
func (p *PBX) Fingerprint() string { return p.cert.fingerprint }

// Username is the AMI account with KalliopePBX's rights.
func (p *PBX) Username() string { return pbxsim.Username }

// Secret is that account's.
func (p *PBX) Secret() string { return pbxsim.Secret }

// Tenant is the tenant's UUID.
func (p *PBX) Tenant() string { return pbxsim.Tenant }

// Version is what was asked for.
func (p *PBX) Version() Version { return p.version }

// Dir is the directory with the PBX's etc, log and var.
func (p *PBX) Dir() string { return p.settings.Dir }

// PID is the id of the process that runs, or of the last one that did.
func (p *PBX) PID() int { return p.current().cmd.Process.Pid }

func (p *PBX) current() *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process
}

// Kill ends Asterisk at once, as a power cut does: connections are reset and
// nobody says goodbye. Restart brings it back.
func (p *PBX) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.process.kill()
}

// Restart ends Asterisk, if it runs, and starts it again on the same ports. It
// blocks until calls can be made. Calls and sessions are gone.
func (p *PBX) Restart() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.process.stop(); err != nil {
		return fmt.Errorf("asterisktest: %w", err)
	}
	return p.startLocked()
}

// Pause freezes the process and blocks until it is: connections stay open and
// nothing is answered.
func (p *PBX) Pause() error { return pause(p.current().cmd.Process) }

// Resume ends a Pause.
func (p *PBX) Resume() error { return resume(p.current().cmd.Process) }

// Close asks Asterisk to end, kills it where it has not within 3 s, and waits
// for it. It may be called several times.
func (p *PBX) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuser.close()
	return p.process.stop()
}

// CLI runs a command of Asterisk's console, for instance "core show channels",
// and returns what it prints. It blocks until the answer or the end of ctx.
func (p *PBX) CLI(ctx context.Context, line string) (string, error) {
	deadline := time.Now().Add(10 * time.Second)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	s, err := openSession(p.Addr(), adminUsername, p.settings.AdminSecret, "off", deadline)
	if err != nil {
		return "", fmt.Errorf("asterisktest: %w", err)
	}
	defer s.close()
	defer context.AfterFunc(ctx, s.close)()
	return s.command(line)
}

// Reload has Asterisk read its configuration again, for tests that changed
// something under Dir.
func (p *PBX) Reload(ctx context.Context) error {
	_, err := p.CLI(ctx, "core reload")
	return err
}

// CPU is the processor time that the running process has used so far. Only
// Linux tells; its clock has steps of 10 ms.
func (p *PBX) CPU() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
	if err != nil {
		return 0, fmt.Errorf("asterisktest: %w", err)
	}
	// The name, in brackets, may hold blanks; after it come the state (3), and
	// as fields 14 and 15 the ticks in user and in kernel mode.
	_, after, _ := strings.Cut(string(stat), ") ")
	field := strings.Fields(after)
	if len(field) < 13 {
		return 0, errors.New("asterisktest: /proc/…/stat is not as expected")
	}
	user, err1 := strconv.Atoi(field[11])
	kernel, err2 := strconv.Atoi(field[12])
	return time.Duration(user+kernel) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// LogTail is the end of what Asterisk printed and logged, for a failing test's
// message.
func (p *PBX) LogTail() string {
	var tail strings.Builder
	for _, name := range []string{"output", logFile} {
		text, err := os.ReadFile(filepath.Join(p.settings.Dir, "log", name))
		if err != nil || len(text) == 0 {
			continue
		}
		lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
		fmt.Fprintf(&tail, "--- %s\n%s\n", name, strings.Join(lines[max(0, len(lines)-30):], "\n"))
	}
	return tail.String()
}
