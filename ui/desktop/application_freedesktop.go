//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"cornetta/ui/internal/sessionbus"
)

// errBusy is for a caller whose requests come faster than they are handled.
var errBusy = errors.New("desktop: too much is asked at once")

// The D-Bus way to start a program, of freedesktop's Desktop Entry
// Specification: the name is that of the entry, the path is made of it.
const (
	applicationName = "org.freedesktop.Application"
	applicationPath = dbus.ObjectPath("/io/cornetta/Cornetta")
)

var applicationInterface = introspect.Interface{Name: applicationName, Methods: []introspect.Method{
	{Name: "Activate", Args: []introspect.Arg{{Name: "platform_data", Type: "a{sv}", Direction: "in"}}},
	{Name: "Open", Args: []introspect.Arg{{Name: "uris", Type: "as", Direction: "in"}, {Name: "platform_data", Type: "a{sv}", Direction: "in"}}},
	{Name: "ActivateAction", Args: []introspect.Arg{
		{Name: "action_name", Type: "s", Direction: "in"},
		{Name: "parameter", Type: "av", Direction: "in"},
		{Name: "platform_data", Type: "a{sv}", Direction: "in"},
	}},
}}

const (
	maxOpened = 8  // links of one request; a person opens one
	maxAsked  = 16 // requests that wait
)

const errorName = appID + ".Error"

func (a Application) serve(ctx context.Context) error {
	conn, err := sessionbus.Connect(ctx, context.Background(), patience)
	if err != nil {
		return fmt.Errorf("desktop: %w", err)
	}
	defer conn.Close()
	log := Options{Log: a.Log}.log()

	work := make(chan func(), maxAsked)
	var worker sync.WaitGroup
	defer worker.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	worker.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case f := <-work:
				f()
			}
		}
	})
	ask := func(f func()) *dbus.Error {
		select {
		case work <- f:
			return nil
		default:
			return dbus.NewError(errorName, []any{errBusy.Error()})
		}
	}
	// The platform data (the time of the click, a token for the focus) is of no use
	// to the windows, which another process has.
	err = conn.ExportMethodTable(map[string]any{
		"Activate": func(map[string]dbus.Variant) *dbus.Error { return ask(a.Activate) },
		"Open": func(uris []string, _ map[string]dbus.Variant) *dbus.Error {
			if len(uris) > maxOpened {
				log.Info("desktop: more links than anybody opens at once", slog.Int("count", len(uris)))
				uris = uris[:maxOpened]
			}
			return ask(func() {
				for _, uri := range uris {
					a.Open(uri)
				}
			})
		},
		"ActivateAction": func(string, []dbus.Variant, map[string]dbus.Variant) *dbus.Error {
			return dbus.NewError(errorName, []any{"there are no actions"})
		},
	}, applicationPath, applicationName)
	interfaces := []introspect.Interface{introspect.IntrospectData, applicationInterface}
	if err == nil && a.Calls != nil {
		interfaces = append(interfaces, callsInterface)
		err = a.exportCalls(ctx, conn)
	}
	if err == nil {
		err = conn.Export(introspect.NewIntrospectable(&introspect.Node{Name: string(applicationPath), Interfaces: interfaces}), applicationPath, "org.freedesktop.DBus.Introspectable")
	}
	if err != nil {
		return fmt.Errorf("desktop: session bus: %w", err)
	}
	// Without a flag the bus queues the second process that wants the name, and gives
	// it the name later.
	if _, err := conn.RequestName(appID, 0); err != nil {
		return fmt.Errorf("desktop: session bus: %w", err)
	}
	if a.States != nil {
		worker.Go(func() { a.tellStates(ctx, conn) })
	}
	select {
	case <-ctx.Done():
		return nil
	case <-conn.Context().Done():
		return errors.New("desktop: the session bus went away")
	}
}

// sessionBus makes a connection of our own to the session bus, which lasts until
// it is closed. It never starts a bus, and takes five seconds at most.
func sessionBus(ctx context.Context) (*dbus.Conn, error) {
	conn, err := sessionbus.Connect(ctx, context.Background(), patience)
	if err != nil {
		return nil, fmt.Errorf("desktop: %w", err)
	}
	return conn, nil
}

// service is where the session bus looks for what to start for our name.
func (p places) service() string { return p.data + "/dbus-1/services/" + appID + ".service" }

// startable reports whether a path can be told to the session bus: the programs
// that serve as one do not read quotes and backslashes alike.
func startable(program string) bool { return !strings.ContainsAny(program, "\"\\$`") }

// serviceFile tells the session bus to start program for our name; mark is who wrote it.
func serviceFile(program, mark string) []byte {
	return []byte("[D-BUS Service]\nName=" + appID + "\nExec=\"" + program + "\" activated\n" + mark + "\n")
}

// rereadServices makes the session bus look for the service file now. Some buses do
// so by themselves, but not in a folder that is new.
func rereadServices(ctx context.Context) {
	conn, err := sessionBus(ctx)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ReloadConfig", 0).Err
}
