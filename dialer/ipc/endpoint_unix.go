//go:build linux || darwin

package ipc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"cornetta/internal/durable"
)

// directory is where the lock and the socket are: entered by this user only. Whoever
// is somebody else's directory for runtime files, as after sudo, is passed over. Where
// the environment names none, as under cron and in some ways of ssh, it is the one that
// logind makes for each user, so that the agent of the session is found.
func directory() (string, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	if !filepath.IsAbs(base) || private(base, 0o022) != nil {
		base = ofLogind()
		if base == "" || private(base, 0o077) != nil {
			return known()
		}
	}
	return ours(base, false)
}

// ofLogind is the directory that systemd-logind makes for the runtime files of each
// user who is logged in; "" on systems that have none. Tests have another.
var ofLogind = runtimeDir

// known is the same for all of a user's programs, whatever their environment says of
// runtime files: where an owner is elsewhere a link leads to its socket from here.
func known() (string, error) {
	base, err := stateDir()
	if err != nil {
		return "", fmt.Errorf("ipc: no directory for the socket: %w", err)
	}
	return ours(base, true)
}

// ours makes the directory for Cornetta in base, or checks that it is this user's. In
// the state directory it is refused, like all that lies there, where others can write.
func ours(base string, state bool) (string, error) {
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", fmt.Errorf("ipc: %w", err)
	}
	dir := filepath.Join(base, "cornetta")
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("ipc: %w", err)
	}
	if err := private(dir, 0); err != nil {
		return "", err
	}
	if state {
		if err := durable.Private(dir); err != nil {
			return "", fmt.Errorf("ipc: %w", err)
		}
	}
	// Ours, but perhaps made by hand with more rights than it should have.
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("ipc: %w", err)
	}
	return dir, nil
}

// private checks that path is a directory of this user's, no link to one, and
// without the permissions in denied.
func private(path string, denied fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(st.Uid) != os.Geteuid() || info.Mode().Perm()&denied != 0 {
		return fmt.Errorf("%w: %s", ErrStranger, path)
	}
	return nil
}

func socket(dir, name string) string { return filepath.Join(dir, name+".sock") }

// claim takes the lock and listens. The lock goes with the process, however
// that ends, and so the lock decides, not the socket.
func claim(ctx context.Context, name string) (net.Listener, func() error, error) {
	dir, err := directory()
	if err != nil {
		return nil, nil, err
	}
	// A process with another environment has its lock elsewhere. It is found by its link,
	// and those that start at the same time go one after the other.
	common, unknown := known()
	if unknown == nil {
		if answers(socket(common, name)) {
			return nil, nil, ErrRunning
		}
		if first, err := hold(ctx, filepath.Join(common, name+".starting")); err == nil {
			defer first.Close()
		}
		if answers(socket(common, name)) {
			return nil, nil, ErrRunning
		}
	}
	lock, err := openLock(filepath.Join(dir, name+".lock"))
	if err != nil {
		return nil, nil, fmt.Errorf("ipc: %w", err)
	}
	if err := take(ctx, lock, socket(dir, name)); err != nil {
		lock.Close()
		return nil, nil, err
	}
	l, err := listen(socket(dir, name))
	if err != nil {
		lock.Close()
		return nil, nil, err
	}
	withdraw := func() {}
	if unknown == nil && common != dir {
		withdraw = announce(socket(common, name), socket(dir, name))
	}
	return l, func() error {
		withdraw()
		return lock.Close()
	}, nil
}

// announce leaves a link to the socket at path for programs that have another
// environment. Where that cannot be done, as on a full disk, only they do not find it.
func announce(link, path string) (withdraw func()) {
	if err := os.Remove(link); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return func() {}
	}
	if os.Symlink(path, link) != nil {
		return func() {}
	}
	return func() {
		if to, err := os.Readlink(link); err == nil && to == path {
			_ = os.Remove(link)
		}
	}
}

// answers reports whether somebody listens there.
func answers(path string) bool {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return err == nil || errors.Is(err, unix.EAGAIN) // its queue is full: it listens
}

// openLock opens a file to be locked, and follows no link.
func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o600)
}

// flock takes the lock of a file, or reports that another process has it.
func flock(f *os.File) (taken bool, err error) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return false, fmt.Errorf("ipc: lock: %w", err)
		}
	}
}

// hold waits for the lock at path until ctx ends. To close the file gives it up.
func hold(ctx context.Context, path string) (*os.File, error) {
	f, err := openLock(path)
	if err != nil {
		return nil, fmt.Errorf("ipc: %w", err)
	}
	for {
		taken, err := flock(f)
		if taken {
			return f, nil
		}
		if err == nil {
			select {
			case <-ctx.Done():
				err = ErrRunning
			case <-time.After(2 * time.Millisecond):
				continue
			}
		}
		f.Close()
		return nil, err
	}
}

// reserve is Reserve.
func reserve(name string) (func() error, error) {
	dir, err := known()
	if err != nil {
		return nil, err
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	lock, err := hold(now, filepath.Join(dir, name+".lock"))
	if err != nil {
		return nil, err
	}
	return lock.Close, nil
}

// take gets the lock or ErrRunning. The latter only once the other process
// listens too, so that who is told to hand over can connect right away; in
// between, the other one may also end.
func take(ctx context.Context, lock *os.File, path string) error {
	for {
		if taken, err := flock(lock); taken || err != nil {
			return err
		}
		if answers(path) {
			return ErrRunning
		}
		select {
		case <-ctx.Done():
			return ErrRunning
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func listen(path string) (net.Listener, error) {
	// Whatever stands there, a link included, is removed and not followed.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("ipc: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("ipc: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("ipc: %w", err)
	}
	return l, nil
}

// dial connects to the owner, which may have been started with another environment.
func dial(ctx context.Context, name string) (net.Conn, error) {
	dir, err := directory()
	if err != nil {
		return nil, err
	}
	conn, err := dialAt(ctx, socket(dir, name))
	if !errors.Is(err, ErrNotRunning) {
		return conn, err
	}
	if common, unknown := known(); unknown == nil && common != dir {
		conn, other := dialAt(ctx, socket(common, name))
		if other == nil || errors.Is(other, ErrBusy) || errors.Is(other, ErrNoAnswer) {
			return conn, other
		}
	}
	return nil, err
}

func dialAt(ctx context.Context, path string) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ECONNREFUSED):
		return nil, ErrNotRunning
	case errors.Is(err, unix.EAGAIN): // more are waiting to be accepted than the system queues
		return nil, ErrBusy
	// The system may notice a moment before ctx that its time is up.
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return nil, fmt.Errorf("ipc: %w", err)
}

// trusted checks that the process at the other end is this user's.
func trusted(conn net.Conn) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return ErrStranger
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	uid, perr := -1, error(nil)
	if err := raw.Control(func(fd uintptr) { uid, perr = peerUID(int(fd)) }); err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	if perr != nil {
		return fmt.Errorf("ipc: %w", perr)
	}
	if uid != os.Geteuid() {
		return ErrStranger
	}
	return nil
}
