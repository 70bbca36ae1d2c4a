//go:build darwin

package desktop

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"cornetta/internal/durable"
)

// launchMark is in every launch agent that Register wrote.
const launchMark = "<!-- written by Cornetta -->"

// launchAgent is the file that starts program with the session.
func launchAgent(program string) []byte {
	var path bytes.Buffer
	_ = xml.EscapeText(&path, []byte(program)) // a Buffer takes everything
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
` + launchMark + `
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>io.cornetta.Cornetta</string>
	<key>ProgramArguments</key>
	<array>
		<string>` + path.String() + `</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`)
}

func launchPath() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("desktop: %w", err)
	}
	return filepath.Join(home, "Library", "LaunchAgents", "io.cornetta.Cornetta.plist"), nil
}

// register starts Cornetta with the session. Links are for application bundles
// whose Info.plist names them, and come as Apple events, which takes C.
func register(r Registration) ([]string, error) {
	path, there, err := launchFile()
	switch {
	case err != nil:
		return nil, err
	case r.Autostart:
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(path, launchAgent(r.Program), 0o644)
		}
	case there:
		err = os.Remove(path)
	}
	if err != nil {
		return nil, fmt.Errorf("desktop: %w", err)
	}
	var done []string
	if r.Autostart || there {
		done = []string{path}
	}
	if r.Links {
		return done, fmt.Errorf("desktop: links: %w", errors.ErrUnsupported)
	}
	return done, nil
}

func unregister() ([]string, error) { return register(Registration{}) }

func query(context.Context) (Registered, error) {
	_, there, err := launchFile()
	if errors.Is(err, ErrForeign) {
		err = nil
	}
	return Registered{Autostart: there}, err
}

// launchFile is the path of our agent, and whether it is there; one that
// Register did not write is an error.
func launchFile() (path string, there bool, err error) {
	if path, err = launchPath(); err != nil {
		return "", false, err
	}
	content, err := durable.Read(path, maxEntry)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return path, false, nil
	case err != nil:
		return "", false, fmt.Errorf("desktop: %w", err)
	case !bytes.Contains(content, []byte(launchMark)):
		return "", false, fmt.Errorf("%w: %s", ErrForeign, path)
	}
	return path, true, nil
}

func chooseProgram() error { return errors.ErrUnsupported }
