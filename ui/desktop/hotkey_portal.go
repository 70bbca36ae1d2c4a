//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"

	"cornetta/ui/internal/sessionbus"
)

const (
	portalName      = "org.freedesktop.portal.Desktop"
	portalPath      = "/org/freedesktop/portal/desktop"
	shortcutsName   = "org.freedesktop.portal.GlobalShortcuts"
	portalRequest   = "org.freedesktop.portal.Request"
	portalSession   = "org.freedesktop.portal.Session"
	hostRegistry    = "org.freedesktop.host.portal.Registry"
	portalActivated = shortcutsName + ".Activated"
)

// portalKeys listens through the desktop's portal, version 1 or later of
// GlobalShortcuts. A session binds once: whatever changes is a new session. The
// person may give a name other keys than those we propose, or none.
type portalKeys struct {
	conn     *dbus.Conn
	cancel   context.CancelFunc
	object   dbus.BusObject
	owner    string // the portal's unique name
	signals  chan *dbus.Signal
	evs      chan any
	describe func(string) string
	session  dbus.ObjectPath // "": none
	wanted   map[string]Combination
}

// openPortal connects to the portal, or fails with ErrNoGlobalShortcuts where
// there is none that gives keys.
func openPortal(ctx context.Context, o HotkeyOptions) (backend, error) {
	life, cancel := context.WithCancel(context.Background())
	p := &portalKeys{cancel: cancel, signals: make(chan *dbus.Signal, 32), evs: make(chan any), describe: o.Describe}
	if p.describe == nil {
		p.describe = func(name string) string { return name }
	}
	ctx, inTime := context.WithTimeout(ctx, patience)
	defer inTime()
	if err := p.connect(ctx, life); err != nil {
		cancel()
		if p.conn != nil {
			_ = p.conn.Close()
		}
		return nil, err
	}
	go func() { // ends with the connection, which closes signals
		defer close(p.evs)
		for sig := range p.signals {
			select {
			case p.evs <- sig:
			case <-life.Done():
				return
			}
		}
	}()
	return p, nil
}

func (p *portalKeys) connect(ctx, life context.Context) error {
	conn, err := sessionbus.Connect(ctx, life, patience)
	switch {
	case errors.Is(err, sessionbus.ErrNone):
		return fmt.Errorf("%w: %w", ErrNoGlobalShortcuts, err)
	case err != nil:
		return fmt.Errorf("desktop: %w", err)
	}
	p.conn = conn
	p.object = conn.Object(portalName, portalPath)
	// Reading the version starts the portal where it does not run yet.
	var version dbus.Variant
	err = p.object.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, shortcutsName, "version").Store(&version)
	if refusal := (dbus.Error{}); errors.As(err, &refusal) {
		return fmt.Errorf("%w: %w", ErrNoGlobalShortcuts, err)
	}
	if err == nil {
		err = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, portalName).Store(&p.owner)
	}
	// Portals want to know whose keys these are; older ones find out by
	// themselves, and do not have the method.
	if err == nil {
		_ = p.object.CallWithContext(ctx, hostRegistry+".Register", 0, appID, map[string]dbus.Variant{}).Err
	}
	if err == nil {
		conn.Signal(p.signals)
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(portalName))
	}
	if err == nil {
		err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender("org.freedesktop.DBus"),
			dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, portalName))
	}
	if err != nil {
		return fmt.Errorf("desktop: portal: %w", err)
	}
	return nil
}

func (p *portalKeys) events() <-chan any { return p.evs }

func (p *portalKeys) close() {
	p.closeSession()
	p.cancel()
	_ = p.conn.Close()
}

func (p *portalKeys) closeSession() {
	if p.session != "" {
		ctx, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		_ = p.conn.Object(portalName, p.session).CallWithContext(ctx, portalSession+".Close", 0).Err
		p.session = ""
	}
}

func (p *portalKeys) bind(ctx context.Context, wanted map[string]Combination) map[string]error {
	p.wanted = wanted
	p.closeSession()
	granted, err := p.shortcuts(ctx)
	wrong := map[string]error{}
	for name := range wanted {
		switch {
		case err != nil:
			wrong[name] = err
		case !granted[name]:
			wrong[name] = ErrHotkeyRefused
		}
	}
	return wrong
}

// shortcut is the portal's (sa{sv}).
type shortcut struct {
	ID    string
	About map[string]dbus.Variant
}

// shortcuts makes a session with what is wanted and returns what it got.
func (p *portalKeys) shortcuts(ctx context.Context) (granted map[string]bool, err error) {
	// The keys are remembered by the desktop under our application's name, so
	// that the person is asked the first time only.
	results, err := p.ask(ctx, "CreateSession", func(token string) []any {
		return []any{map[string]dbus.Variant{
			"handle_token": dbus.MakeVariant(token), "session_handle_token": dbus.MakeVariant(token),
		}}
	})
	if err != nil {
		return nil, err
	}
	switch handle := results["session_handle"].Value().(type) { // a string by the specification, for compatibility
	case string:
		p.session = dbus.ObjectPath(handle)
	case dbus.ObjectPath:
		p.session = handle
	}
	if !p.session.IsValid() {
		p.session = ""
		return nil, errors.New("desktop: portal: CreateSession gave no session")
	}
	var list []shortcut
	for _, name := range slices.Sorted(maps.Keys(p.wanted)) {
		list = append(list, shortcut{name, map[string]dbus.Variant{
			"description":       dbus.MakeVariant(p.describe(name)),
			"preferred_trigger": dbus.MakeVariant(p.wanted[name].xdg()),
		}})
	}
	results, err = p.ask(ctx, "BindShortcuts", func(token string) []any {
		return []any{p.session, list, "", map[string]dbus.Variant{"handle_token": dbus.MakeVariant(token)}}
	})
	if err != nil {
		return nil, err
	}
	granted = map[string]bool{}
	var got []shortcut
	if v, ok := results["shortcuts"]; !ok || v.Store(&got) != nil {
		return nil, errors.New("desktop: portal: BindShortcuts did not say what it bound")
	}
	for _, s := range got {
		granted[s.ID] = true
	}
	return granted, nil
}

// ask makes a request of the portal and waits for its response, as long as the
// person it may be asking takes.
func (p *portalKeys) ask(ctx context.Context, method string, args func(token string) []any) (map[string]dbus.Variant, error) {
	token := "cornetta" + strconv.FormatUint(rand.Uint64(), 36)
	unique := strings.ReplaceAll(strings.TrimPrefix(p.conn.Names()[0], ":"), ".", "_")
	handle := dbus.ObjectPath(portalPath + "/request/" + unique + "/" + token)
	// The answer to the call comes soon, that to the request when it comes.
	calling, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var said dbus.ObjectPath
	if err := p.object.CallWithContext(calling, shortcutsName+"."+method, 0, args(token)...).Store(&said); err != nil {
		return nil, fmt.Errorf("desktop: portal: %s: %w", method, err)
	}
	for {
		select {
		case <-ctx.Done():
			_ = p.conn.Object(portalName, handle).Call(portalRequest+".Close", dbus.FlagNoReplyExpected).Err
			return nil, context.Cause(ctx)
		case ev, ok := <-p.evs:
			if !ok {
				return nil, ErrHotkeysLost
			}
			sig := ev.(*dbus.Signal)
			if p.ownerChanged(sig) {
				return nil, ErrHotkeysLost
			}
			if sig.Sender != p.owner || sig.Name != portalRequest+".Response" || sig.Path != handle && sig.Path != said {
				continue
			}
			var code uint32
			var results map[string]dbus.Variant
			if err := dbus.Store(sig.Body, &code, &results); err != nil {
				return nil, fmt.Errorf("desktop: portal: %s: %w", method, err)
			}
			if code != 0 {
				return nil, fmt.Errorf("%w: %s, response %d", ErrHotkeyRefused, method, code)
			}
			return results, nil
		}
	}
}

// ownerChanged tells whether another portal is there than the one we knew; our
// session ended with it. It makes the owner connect anew.
func (p *portalKeys) ownerChanged(sig *dbus.Signal) bool {
	if sig.Name != "org.freedesktop.DBus.NameOwnerChanged" || sig.Sender != "org.freedesktop.DBus" {
		return false
	}
	var name, before, now string
	if dbus.Store(sig.Body, &name, &before, &now) != nil || name != portalName || now == p.owner {
		return false
	}
	p.session = ""
	p.cancel()
	_ = p.conn.Close()
	return true
}

func (p *portalKeys) take(_ context.Context, event any) (pressed string, wrong map[string]error, changed bool) {
	sig := event.(*dbus.Signal)
	if p.ownerChanged(sig) || sig.Sender != p.owner {
		return "", nil, false
	}
	switch {
	case sig.Name == portalSession+".Closed" && sig.Path == p.session && p.session != "":
		p.session = ""
		return "", all(p.wanted, ErrHotkeyRefused), true
	case sig.Name == portalActivated:
		var session dbus.ObjectPath
		var id string
		var time uint64
		var options map[string]dbus.Variant
		if dbus.Store(sig.Body, &session, &id, &time, &options) != nil || session != p.session {
			return "", nil, false
		}
		if _, ours := p.wanted[id]; ours {
			return id, nil, false
		}
	}
	return "", nil, false
}

// xdg is the form of the shortcuts specification, such as "CTRL+ALT+d".
func (c Combination) xdg() string {
	var b strings.Builder
	for _, m := range []struct {
		held bool
		name string
	}{{c.Ctrl, "CTRL+"}, {c.Alt, "ALT+"}, {c.Shift, "SHIFT+"}, {c.Super, "LOGO+"}} {
		if m.held {
			b.WriteString(m.name)
		}
	}
	return b.String() + keys[c.Key].xkb
}
