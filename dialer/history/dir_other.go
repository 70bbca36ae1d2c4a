//go:build !linux

package history

import "os"

func stateDir() (string, error) { return os.UserConfigDir() }
