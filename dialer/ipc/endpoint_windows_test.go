package ipc

import (
	"context"
	"errors"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// TestPipeAdmitsItsOwnerOnly reads the access list off the pipe as it stands.
func TestPipeAdmitsItsOwnerOnly(t *testing.T) {
	run(t, &fakeAgent{}, usual)
	sid, err := user()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dial(within(t, 10*time.Second), name)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	handle := windows.Handle(conn.(interface{ Fd() uintptr }).Fd())
	sd, err := windows.GetSecurityInfo(handle, windows.SE_KERNEL_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	only(t, sd, sid)
	if err := trusted(conn); err != nil {
		t.Errorf("the process at the other end: %v", err)
	}
}

// TestOwnerOnly is the same for the description that the pipe is made with.
func TestOwnerOnly(t *testing.T) {
	sid, err := user()
	if err != nil {
		t.Fatal(err)
	}
	sd, err := windows.SecurityDescriptorFromString(ownerOnly(sid.String()))
	if err != nil {
		t.Fatal(err)
	}
	only(t, sd, sid)
}

// only checks that an access list is protected and has one entry, which lets
// sid in.
func only(t *testing.T, sd *windows.SECURITY_DESCRIPTOR, sid *windows.SID) {
	t.Helper()
	flags, _, err := sd.Control()
	if err != nil || flags&windows.SE_DACL_PROTECTED == 0 {
		t.Errorf("the list can be added to from above: %#x, %v", flags, err)
	}
	list, _, err := sd.DACL()
	if err != nil || list == nil || list.AceCount != 1 {
		t.Fatalf("not one entry: %+v, %v", list, err)
	}
	var entry *windows.ACCESS_ALLOWED_ACE
	if err := windows.GetAce(list, 0, &entry); err != nil {
		t.Fatal(err)
	}
	if who := (*windows.SID)(unsafe.Pointer(&entry.SidStart)); entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || !who.Equals(sid) {
		t.Errorf("it lets in %s, want %s: %s", who, sid, sd)
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
	if c, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrNotRunning) {
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
