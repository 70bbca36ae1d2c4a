//go:build windows

package desktop

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows/registry"
)

// TestForAllUsersOnWindows: where an installer has registered the program for all users,
// one user's registration is what they prefer and no more, and goes without a trace.
func TestForAllUsersOnWindows(t *testing.T) {
	values, start := RegistryForAllUsers(here)
	values = append(values, start)
	for _, v := range values {
		k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, v.Key, registry.SET_VALUE)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.SetStringValue(v.Name, v.Data); err != nil {
			t.Fatal(err)
		}
		k.Close()
	}
	t.Cleanup(func() {
		_, _ = Unregister()
		for _, v := range values {
			if k, err := registry.OpenKey(registry.LOCAL_MACHINE, v.Key, registry.SET_VALUE); err == nil {
				_ = k.DeleteValue(v.Name)
				k.Close()
			}
		}
	})
	before := userValues(t)
	for _, tc := range []struct {
		want  Registration
		wrote []string
	}{
		{Registration{here, true, true}, nil},
		{Registration{here, true, false}, []string{ownKey + `\` + wishValue, ownKey + `\` + programValue}},
		{Registration{here, true, true}, nil},
	} {
		must(t, tc.want)
		wrote := slices.Sorted(maps.Keys(added(before, userValues(t))))
		if !slices.Equal(wrote, tc.wrote) {
			t.Errorf("%+v writes %q, want %q", tc.want, wrote, tc.wrote)
		}
		if WantedInSession() != tc.want.Autostart {
			t.Errorf("%+v: wanted in the session: %v", tc.want, WantedInSession())
		}
		if r, err := Query(t.Context()); err != nil || r.Autostart != tc.want.Autostart {
			t.Errorf("%+v: it is %+v, %v", tc.want, r, err)
		}
	}
	must(t, Registration{elsewhere, false, true}) // another program is registered as ever
	if got := read(value{runKey, valueName, ""}); got != autostartValue(elsewhere).data {
		t.Errorf("started with the session: %s", got)
	}
	if _, err := Unregister(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, userValues(t)); diff != "" {
		t.Error(diff)
	}
}
