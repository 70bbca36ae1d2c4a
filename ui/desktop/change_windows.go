//go:build windows

package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	powrprof                = windows.NewLazySystemDLL("powrprof.dll")
	registerSuspendResume   = powrprof.NewProc("PowerRegisterSuspendResumeNotification")
	unregisterSuspendResume = powrprof.NewProc("PowerUnregisterSuspendResumeNotification")
)

const (
	deviceNotifyCallback  = 2    // DEVICE_NOTIFY_CALLBACK
	powerResumeAutomatic  = 0x12 // PBT_APMRESUMEAUTOMATIC: always sent after sleep
	powerResumeSuspend    = 0x07 // PBT_APMRESUMESUSPEND: somebody is there too
	errorSuccess          = 0
	allFamilies           = windows.AF_UNSPEC
	powerCallbackAccepted = 0
)

// deviceNotifySubscribe is DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS.
type deviceNotifySubscribe struct {
	callback, context uintptr
}

// A callback made for Windows is never freed, so there is one of each kind for the
// whole process, which calls the present listener.
var changeCallbacks struct {
	once           sync.Once
	power, address uintptr

	mu   sync.Mutex // guards tell
	tell func(change)
}

func tellChange(c change) {
	changeCallbacks.mu.Lock()
	tell := changeCallbacks.tell
	changeCallbacks.mu.Unlock()
	if tell != nil {
		go tell(c) // Windows' thread must not wait
	}
}

// watchChanges registers callbacks for power and addresses; wait unregisters them.
func watchChanges(_ context.Context, log *slog.Logger, tell func(change)) (wait func(), err error) {
	changeCallbacks.once.Do(func() {
		changeCallbacks.power = windows.NewCallback(func(_, kind, _ uintptr) uintptr {
			if kind == powerResumeAutomatic || kind == powerResumeSuspend {
				tellChange(woke)
			}
			return powerCallbackAccepted
		})
		changeCallbacks.address = windows.NewCallback(func(_, _, _ uintptr) uintptr {
			tellChange(network)
			return 0
		})
	})
	changeCallbacks.mu.Lock()
	changeCallbacks.tell = tell
	changeCallbacks.mu.Unlock()

	var addresses windows.Handle
	if err := windows.NotifyUnicastIpAddressChange(allFamilies, changeCallbacks.address, nil, false, &addresses); err != nil {
		return nil, fmt.Errorf("desktop: NotifyUnicastIpAddressChange: %w", err)
	}
	var power uintptr
	params := &deviceNotifySubscribe{callback: changeCallbacks.power}
	if err := registerSuspendResume.Find(); err != nil {
		log.Debug("nobody tells of sleep", slog.Any("err", err)) // before Windows 8
	} else if code, _, _ := registerSuspendResume.Call(deviceNotifyCallback, uintptr(unsafe.Pointer(params)), uintptr(unsafe.Pointer(&power))); code != errorSuccess {
		log.Debug("nobody tells of sleep", slog.Any("err", windows.Errno(code)))
	}
	return func() {
		if power != 0 {
			_, _, _ = unregisterSuspendResume.Call(power)
		}
		_ = windows.CancelMibChangeNotify2(addresses)
		changeCallbacks.mu.Lock()
		changeCallbacks.tell = nil
		changeCallbacks.mu.Unlock()
	}, nil
}

// waysOut: on Windows a way out that changes comes with an address.
func waysOut() []string { return nil }
