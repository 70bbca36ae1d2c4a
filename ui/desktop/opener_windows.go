//go:build windows

package desktop

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// wouldOpen asks Windows, for which what the person chose comes before what is written
// in the registry.
func wouldOpen(_ context.Context, scheme string) (Opener, error) {
	o := Opener{Program: association(scheme, assocExecutable), Name: association(scheme, assocFriendlyName), By: "Windows"}
	if strings.EqualFold(filepath.Base(o.Program), "OpenWith.exe") { // which asks the person
		return Opener{By: o.By}, nil
	}
	if o.Program == "" {
		return o, nil
	}
	if o.Name == "" {
		o.Name = filepath.Base(o.Program)
	}
	_, err := os.Stat(o.Program)
	o.Gone = err != nil
	self, err := ThisProgram()
	if err == nil {
		self, err = startable(self)
	}
	o.Ours = err == nil && strings.EqualFold(o.Program, self) ||
		strings.EqualFold(filepath.Base(o.Program), "cornetta.exe")
	return o, nil
}
