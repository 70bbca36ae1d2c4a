//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"slices"
	"strings"

	"cornetta/ami/clean"
)

func askDaemon(ctx context.Context) (d Daemon, err error) {
	b, err := connect(ctx, ctx, patience)
	if err != nil {
		return d, err
	}
	defer b.close()
	var name, vendor, version, spec string
	if err := b.call("GetServerInformation", []any{&name, &vendor, &version, &spec}); err != nil {
		return d, err
	}
	if err := b.call("GetCapabilities", []any{&d.Can}); err != nil {
		return d, err
	}
	d.Name = clean.Text(strings.TrimSpace(name+" "+version), clean.Name)
	d.Buttons = slices.Contains(d.Can, "actions")
	for i, c := range d.Can {
		d.Can[i] = clean.Text(c, clean.Name)
	}
	d.Can = d.Can[:min(len(d.Can), 32)]
	return d, nil
}
