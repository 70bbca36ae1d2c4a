//go:build linux

package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// wine is the programs of the wine that is installed.
type wine struct {
	loader, server string
	version        string
}

const (
	compiler = "x86_64-w64-mingw32-gcc-win32"
	howToGet = "packaging/linux/deps.sh test installs it"
)

func findWine() (*wine, error) {
	// Debian's package wine64 alone puts nothing on the PATH.
	loader := "/usr/lib/wine/wine64"
	if _, err := os.Stat(loader); err != nil {
		if loader, err = exec.LookPath("wine64"); err != nil {
			return nil, errors.New("wine64 is missing; " + howToGet)
		}
	}
	server := filepath.Join(filepath.Dir(loader), "wineserver64")
	if _, err := os.Stat(server); err != nil {
		server = filepath.Join(filepath.Dir(loader), "wineserver")
	}
	out, err := exec.Command(loader, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", loader, err)
	}
	return &wine{loader, server, strings.TrimSpace(string(out))}, nil
}

// command is a Windows program in the prefix dir, not yet started.
func (w *wine) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	return w.in(dir, exec.CommandContext(ctx, w.loader, args...))
}

func (w *wine) in(dir string, cmd *exec.Cmd) *exec.Cmd {
	cmd.Env = append(os.Environ(), w.env(dir)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (w *wine) env(dir string) []string {
	return []string{
		"WINEPREFIX=" + dir, "WINEARCH=win64", "WINEDEBUG=-all", "WINESERVER=" + w.server,
		// No offers to install what nobody needs, and no menu of the real desktop.
		"WINEDLLOVERRIDES=mscoree,mshtml=;winemenubuilder.exe=d",
		"HOME=" + dir, "LC_ALL=C.UTF-8",
	}
}

//go:embed dll/bcryptprimitives.c
var library []byte

// prefix is the folder that a new Windows begins as. It is made where it is
// missing, or was made by another wine or from another library.
func (w *wine) prefix(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if own := os.Getenv("CORNETTA_CACHE"); own != "" {
		cache, err = own, nil
	} else {
		cache = filepath.Join(cache, "cornetta")
	}
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(cache, "wine.lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	dir, part := filepath.Join(cache, "wine"), filepath.Join(cache, "wine.partial")
	stamp := append([]byte(w.version+"\n"), library...)
	if made, err := os.ReadFile(filepath.Join(dir, "made")); err == nil && bytes.Equal(made, stamp) {
		return dir, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.RemoveAll(part)); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if out, err := w.command(ctx, part, "wineboot", "--init").CombinedOutput(); err != nil {
		return "", fmt.Errorf("wineboot: %w\n%s", err, out)
	}
	if err := w.in(part, exec.CommandContext(ctx, w.server, "--wait")).Run(); err != nil {
		return "", fmt.Errorf("waiting for wineboot: %w", err)
	}
	gcc := exec.CommandContext(ctx, compiler, "-shared", "-nostdlib", "-fno-tree-loop-distribute-patterns", "-Wall", "-Werror", "-Os", "-s", "-e", "DllMainCRTStartup", "-x", "c", "-",
		"-o", filepath.Join(part, "drive_c", "windows", "system32", "bcryptprimitives.dll"), "-ladvapi32", "-lntdll", "-lkernel32")
	gcc.Stdin = bytes.NewReader(library)
	switch out, err := gcc.CombinedOutput(); {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New(compiler + " is missing; " + howToGet)
	case err != nil:
		return "", fmt.Errorf("%s: %w\n%s", compiler, err, out)
	}
	if err := os.WriteFile(filepath.Join(part, "made"), stamp, 0o644); err != nil {
		return "", err
	}
	return dir, os.Rename(part, dir)
}

// end ends all that runs in the prefix dir.
func (w *wine) end(dir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_ = w.in(dir, exec.CommandContext(ctx, w.server, "--kill")).Run() // it fails where nothing runs any more
	for {
		left := processes("WINEPREFIX=" + dir)
		if len(left) == 0 {
			return nil
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("processes %v do not end", left)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// processes are those that were started with variable in their environment.
func processes(variable string) (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		// It is empty for who has ended, and unreadable for other people's.
		env, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if slices.Contains(strings.Split(string(env), "\x00"), variable) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// clone makes dir a copy of the prefix. Windows' own files, 600 MB that no
// test writes to, are linked where the two share a file system.
func clone(prefix, dir string) error {
	windows := filepath.Join("drive_c", "windows") + string(filepath.Separator)
	return filepath.WalkDir(prefix, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(prefix, path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		switch {
		case e.IsDir():
			return os.MkdirAll(to, 0o755)
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(target, to)
		case strings.HasPrefix(name, windows) && os.Link(path, to) == nil:
			return nil
		}
		return copyFile(path, to)
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
