//go:build windows

package ipc

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"time"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// user is this process's user, as in S-1-5-21-…: part of every name, so that
// several people can be logged on to one machine.
func user() (*windows.SID, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, fmt.Errorf("ipc: who am I: %w", err)
	}
	return u.User.Sid, nil
}

func pipe(name string, sid *windows.SID) string { return `\\.\pipe\` + name + "-" + sid.String() }

// ownerOnly is an access list, in SDDL, that lets in this user and nobody else:
// P keeps what is above from adding to it, and the one entry grants everything.
func ownerOnly(sid string) string { return "D:P(A;;GA;;;" + sid + ")" }

// claim takes the mutex, which goes with the process however that ends, and
// then makes the pipe.
func claim(ctx context.Context, name string) (net.Listener, func() error, error) {
	sid, err := user()
	if err != nil {
		return nil, nil, err
	}
	path := pipe(name, sid)
	mutex, err := takeMutex(ctx, `Global\`+name+"-"+sid.String(), path)
	if err != nil {
		return nil, nil, err
	}
	l, err := winio.ListenPipe(path, &winio.PipeConfig{
		SecurityDescriptor: ownerOnly(sid.String()),
		InputBufferSize:    4 << 10,
		OutputBufferSize:   4 << 10,
	})
	if err != nil {
		_ = windows.CloseHandle(mutex)
		return nil, nil, fmt.Errorf("ipc: %w", err)
	}
	return l, func() error { return windows.CloseHandle(mutex) }, nil
}

// takeMutex gets the mutex or ErrRunning, the latter once the other process
// has its pipe too.
func takeMutex(ctx context.Context, name, path string) (windows.Handle, error) {
	for {
		mutex, err := makeMutex(name)
		if !errors.Is(err, ErrRunning) {
			return mutex, err
		}
		conn, err := winio.DialPipeContext(ctx, path)
		if err == nil {
			conn.Close()
			return 0, ErrRunning
		}
		select {
		case <-ctx.Done():
			return 0, ErrRunning
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// reserve is Reserve.
func reserve(name string) (func() error, error) {
	sid, err := user()
	if err != nil {
		return nil, err
	}
	mutex, err := makeMutex(`Global\` + name + "-" + sid.String())
	if err != nil {
		return nil, err
	}
	return func() error { return windows.CloseHandle(mutex) }, nil
}

// makeMutex makes the mutex, or fails with ErrRunning where it is there already.
func makeMutex(name string) (windows.Handle, error) {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, fmt.Errorf("ipc: %w", err)
	}
	mutex, err := windows.CreateMutex(nil, false, wide)
	if err == nil {
		return mutex, nil
	}
	if mutex != 0 { // it was there already, and this is one more handle to it
		_ = windows.CloseHandle(mutex)
	}
	if errors.Is(err, windows.ERROR_ALREADY_EXISTS) || errors.Is(err, windows.ERROR_ACCESS_DENIED) {
		err = ErrRunning
	}
	return 0, fmt.Errorf("ipc: mutex: %w", err)
}

func dial(ctx context.Context, name string) (net.Conn, error) {
	sid, err := user()
	if err != nil {
		return nil, err
	}
	conn, err := winio.DialPipeContext(ctx, pipe(name, sid))
	switch {
	case err == nil:
		return conn, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotRunning
	case ctx.Err() != nil: // every instance of the pipe is taken
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, ctx.Err())
	}
	return nil, fmt.Errorf("ipc: %w", err)
}

// trusted checks that the process at the other end is this user's. The pipe's
// access list does so too for whoever connects, but not for who made the pipe.
func trusted(conn net.Conn) error {
	p, ok := conn.(interface{ Fd() uintptr })
	if !ok {
		return ErrStranger
	}
	pid, err := peerPID(windows.Handle(p.Fd()))
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStranger, err)
	}
	defer windows.CloseHandle(process)
	var token windows.Token
	if err := windows.OpenProcessToken(process, windows.TOKEN_QUERY, &token); err != nil {
		return fmt.Errorf("%w: %w", ErrStranger, err)
	}
	defer token.Close()
	theirs, err := token.GetTokenUser()
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	ours, err := user()
	if err != nil {
		return err
	}
	if !ours.Equals(theirs.User.Sid) {
		return ErrStranger
	}
	return nil
}

func peerPID(pipe windows.Handle) (pid uint32, err error) {
	var flags uint32
	if err := windows.GetNamedPipeInfo(pipe, &flags, nil, nil, nil); err != nil {
		return 0, err
	}
	if flags&windows.PIPE_SERVER_END != 0 {
		err = windows.GetNamedPipeClientProcessId(pipe, &pid)
	} else {
		err = windows.GetNamedPipeServerProcessId(pipe, &pid)
	}
	return pid, err
}
