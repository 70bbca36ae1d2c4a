//go:build windows

package control

import (
	"context"
	"errors"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"

	"cornetta/dialer/status"
)

// TestPipeIsTheUsersAlone: nobody else is let in, not even to ask. A group, or
// everybody, in the list would show here, as would rights that are inherited.
func TestPipeIsTheUsersAlone(t *testing.T) {
	run(t, &fakeAgent{status: status.Snapshot{Seq: 7}}, defaultLimits)
	me, err := user()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dial(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	handle := windows.Handle(conn.(interface{ Fd() uintptr }).Fd())
	sd, err := windows.GetSecurityInfo(handle, windows.SE_KERNEL_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(sd)
	flags, _, err := sd.Control()
	if err != nil || flags&windows.SE_DACL_PROTECTED == 0 {
		t.Errorf("the list is not protected: %#x, %v", flags, err)
	}
	dacl, _, err := sd.DACL()
	if err != nil || dacl == nil || dacl.AceCount != 1 {
		t.Fatalf("not one entry: %v, %v", sd, err)
	}
	var ace *windows.ACCESS_ALLOWED_ACE
	if err := windows.GetAce(dacl, 0, &ace); err != nil {
		t.Fatal(err)
	}
	if sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)); ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || !sid.Equals(me) {
		t.Errorf("it lets in %v, not %v", sid, me)
	}
	if err := trusted(conn); err != nil {
		t.Errorf("the process at the other end: %v", err)
	}
}

// TestMutexOfAnother: a name that another process holds without a pipe is taken,
// not waited for without an end.
func TestMutexOfAnother(t *testing.T) {
	me, err := user()
	if err != nil {
		t.Fatal(err)
	}
	wide, err := windows.UTF16PtrFromString(`Global\` + name + "-" + me.String())
	if err != nil {
		t.Fatal(err)
	}
	mutex, err := windows.CreateMutex(nil, false, wide)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
		t.Errorf("%v, %v", o, err)
	}
	if c, err := Connect(t.Context(), name); !errors.Is(err, ErrNotRunning) {
		t.Errorf("%v, %v", c, err)
	}
	if err := windows.CloseHandle(mutex); err != nil {
		t.Fatal(err)
	}
	o, err := Acquire(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	o.Close()
}
