//go:build !windows

package config

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// systemPolicy is the folder with the policy of this computer. On macOS it is the same:
// managed preferences are not read.
const systemPolicy = "/etc/cornetta"

// readGiven is what is left for first runs, then the policy, which comes after it.
func readGiven(dir string) []given { return append(enrolmentFiles(dir, Login()), policyFiles(dir)...) }

var errNotAdministrators = errors.New("others than the administrator can write it (chmod go-w; chown root)")

// onlyAdministrators is an error where somebody else than root can write a file, or
// than the user of this program, who then is in charge of it anyway.
func onlyAdministrators(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	shared := info.Mode().Perm()&0o022 != 0
	if ok && (shared || st.Uid != 0 && int(st.Uid) != os.Geteuid()) {
		return errNotAdministrators
	}
	return nil
}
