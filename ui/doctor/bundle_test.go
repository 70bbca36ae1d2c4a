package doctor

import (
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/dialer/hook"
)

// TestSettingsInTheBundle: every setting is in it, of each account, and of none what is
// nobody's business.
func TestSettingsInTheBundle(t *testing.T) {
	cfg := config.Default()
	for _, name := range []string{"Office", "Lab"} {
		a := config.Default().Account
		a.Name, a.Host, a.Username, a.Extension, a.Tenant = name, "pbx.example.com", "giovanna.bianchi", "7101", "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
		a.Mailbox = "7188@office"
		var err error
		if cfg, err = cfg.Add(a); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Directories = "ldaps://cn=Mario%20Rossi,dc=test@ldap.example.com/dc=test https://carla.verdi@cloud.example.com/dav"
	cfg.Numbers.AccountCodes = []string{"4471 Ditta Neri"}
	cfg.Numbers.OwnRules = []string{"0501234567 = 7105"}
	cfg.Hooks = hook.Settings{On: true, Ended: "https://crm.example.com/?token=hunter2"}
	cfg.Phone.Incoming = true
	text := newHider(cfg).settings(cfg)
	for _, private := range []string{"giovanna", "7101", "7188", "0f1e2d3c", "Mario", "carla", "4471", "Neri", "0501234567", "hunter2"} {
		if strings.Contains(text, private) {
			t.Errorf("%q stands in\n%s", private, text)
		}
	}
	for _, helps := range []string{"ldap.example.com/dc=test", "://…@cloud.example.com/dav", "…188@office", "phone.incoming = \"true\"", "hooks.on_ended = \"…\"", "others.1.account.host"} {
		if !strings.Contains(text, helps) {
			t.Errorf("%q does not stand in\n%s", helps, text)
		}
	}
	for _, s := range config.Settings("") {
		if !strings.Contains(text, s.Key+" = ") {
			t.Errorf("there is no %s", s.Key)
		}
	}
}
