//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/assets"
	"cornetta/internal/durable"
	"cornetta/ui/internal/sessionbus"
	"cornetta/ui/words"
)

// bus is a connection to the session bus and what is known of the daemon.
type bus struct {
	life     context.Context // the connection's
	conn     *dbus.Conn
	cancel   context.CancelFunc
	object   dbus.BusObject
	signals  chan *dbus.Signal
	patience time.Duration
	caps     []string // nil: not asked yet
	icon     string   // URI; "" for none
}

// connect connects to the session bus, or fails within patience or when ctx ends. The
// connection lasts as long as life.
func connect(ctx, life context.Context, patience time.Duration) (*bus, error) {
	life, cancel := context.WithCancel(life)
	ctx, inTime := context.WithTimeout(ctx, patience)
	defer inTime()
	conn, err := sessionbus.Connect(ctx, life, patience)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("desktop: %w", err)
	}
	b := &bus{life: life, conn: conn, cancel: cancel, signals: make(chan *dbus.Signal, 32), patience: patience}
	b.object = conn.Object(notificationsName, notificationsPath)
	conn.Signal(b.signals)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(notificationsName),
		dbus.WithMatchObjectPath(notificationsPath), dbus.WithMatchInterface(notificationsName))
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, notificationsName))
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("desktop: session bus: %w", err)
	}
	return b, nil
}

// close closes the connection.
func (b *bus) close() {
	b.cancel()
	_ = b.conn.Close()
}

func (b *bus) forget() { b.caps = nil }

// call asks the daemon for something, with a deadline.
func (b *bus) call(method string, to []any, args ...any) error {
	ctx, cancel := context.WithTimeout(b.life, b.patience)
	defer cancel()
	if err := b.object.CallWithContext(ctx, notificationsName+"."+method, 0, args...).Store(to...); err != nil {
		return fmt.Errorf("desktop: %s: %w", method, err)
	}
	return nil
}

// notify shows n in place of the notification with that id, 0 for none, and
// returns its id and the daemon's unique name.
func (b *bus) notify(n Note, replaces uint32, offerHangUp, offerMore bool) (id uint32, owner string, err error) {
	if b.caps == nil {
		var caps []string
		if err := b.call("GetCapabilities", []any{&caps}); err != nil {
			return 0, "", err
		}
		b.caps = append([]string{}, caps...)
	}
	actions := []string{}
	if n.HangUp && offerHangUp && slices.Contains(b.caps, "actions") {
		actions = append(actions, actionHangUp, words.Text(words.LabelHangUp))
	}
	if offerMore && slices.Contains(b.caps, "actions") {
		for _, o := range offers {
			if n.Offers&o.offer != 0 {
				actions = append(actions, o.action, o.label(n))
			}
		}
	}
	body := wire(n.Body)
	if slices.Contains(b.caps, "body-markup") {
		body = markup.Replace(body)
	}
	hints := map[string]dbus.Variant{
		"urgency":        dbus.MakeVariant(byte(1)), // a low one is not shown at once everywhere
		"category":       dbus.MakeVariant("call"),
		"desktop-entry":  dbus.MakeVariant(appID),
		"suppress-sound": dbus.MakeVariant(true), // the phone itself rings
	}
	if b.icon != "" {
		hints["image-path"] = dbus.MakeVariant(b.icon)
	}
	if n.Expire != 0 && n.Minor {
		hints["transient"] = dbus.MakeVariant(true) // not kept in the daemon's list
	}
	err = b.call("Notify", []any{&id}, words.Text(words.LabelApp), replaces, "", wire(n.Title), body, actions, hints, int32(n.Expire.Milliseconds()))
	if err != nil {
		return 0, "", err
	}
	ctx, cancel := context.WithTimeout(b.life, b.patience)
	defer cancel()
	err = b.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, notificationsName).Store(&owner)
	if err != nil {
		return 0, "", fmt.Errorf("desktop: GetNameOwner: %w", err)
	}
	return id, owner, nil
}

// closeNote removes a notification, if it is still there.
func (b *bus) closeNote(id uint32) { _ = b.call("CloseNotification", nil, id) }

// beginCloseNote is closeNote without waiting for the daemon, which handles requests
// in order.
func (b *bus) beginCloseNote(id uint32) {
	b.object.Go(notificationsName+".CloseNotification", dbus.FlagNoReplyExpected, nil, id)
}

// wire makes s fit for the bus, which disconnects a program that sends a NUL or
// invalid UTF-8.
func wire(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

// markup escapes with the five names only: GNOME shows numeric references as
// they are written.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

// putIcon writes the application's icon into dir and returns its URI for the
// specification's image-path. With dir "" it returns "". An icon given by its name is
// only found where Cornetta is installed, and one sent as pixels takes long, because
// godbus writes and reads them one at a time.
func putIcon(dir string) (uri string, err error) {
	if dir == "" {
		return "", nil
	}
	path := filepath.Join(dir, "icon.png")
	if err := durable.Swap(path, assets.AppIconSmall, 0o600); err != nil { // a daemon may be reading the old one
		return "", fmt.Errorf("desktop: icon: %w", err)
	}
	return (&url.URL{Scheme: "file", Path: path}).String(), nil
}
