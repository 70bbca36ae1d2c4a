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

// directory is where the lock and the socket are: entered by this user only.
// Whoever is somebody else's directory for runtime files, as after sudo, is
// passed over.
func directory() (string, error) {
	base := os.Getenv("XDG_RUNTIME_DIR")
	fallback := !filepath.IsAbs(base) || private(base, 0o022) != nil
	if fallback {
		home, err := stateDir()
		if err != nil {
			return "", fmt.Errorf("ipc: no directory for the socket: %w", err)
		}
		if err := os.MkdirAll(home, 0o700); err != nil {
			return "", fmt.Errorf("ipc: %w", err)
		}
		base = home
	}
	dir := filepath.Join(base, "cornetta")
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("ipc: %w", err)
	}
	if err := private(dir, 0); err != nil {
		return "", err
	}
	if fallback { // as for all that lies beside it
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
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
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
	return l, lock.Close, nil
}

// take gets the lock or ErrRunning. The latter only once the other process
// listens too, so that who is told to hand over can connect right away; in
// between, the other one may also end.
func take(ctx context.Context, lock *os.File, path string) error {
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EWOULDBLOCK):
			return fmt.Errorf("ipc: lock: %w", err)
		}
		conn, err := net.Dial("unix", path)
		if err == nil {
			conn.Close()
		}
		if err == nil || errors.Is(err, unix.EAGAIN) { // its queue is full: it listens
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

func dial(ctx context.Context, name string) (net.Conn, error) {
	dir, err := directory()
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket(dir, name))
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
