package config

import (
	"strings"

	"cornetta/dialer/setting"
)

// Colleagues are whether one sees how the phones of colleagues stand, and what one can do
// about it.
type Colleagues struct {
	Show bool `toml:"colleagues" json:"colleagues"`
	// PickupCode is dialled in front of an extension that rings to pick up its call; "" where
	// the PBX has no such code.
	PickupCode string `toml:"pickup_code" json:"pickup_code"`
	// RemindAfter is in how many minutes one is reminded of a call that found the line busy; 0: that is not offered.
	RemindAfter int `toml:"remind_minutes" json:"remind_minutes"`
}

// usualPickup is KalliopePBX's code, and FreePBX's.
const usualPickup = "**"

// maxPickup is how many signs it may have.
const maxPickup = 8

var describedColleagues = []setting.Of[Colleagues]{
	setting.Switch("colleagues", func(c *Colleagues) *bool { return &c.Show }, false).Optional().WithOption(setting.Option{}).Permitting("false", "true"),
	setting.Text("pickup_code", func(c *Colleagues) *string { return &c.PickupCode }, usualPickup, checkPickup).Optional().OfAccount(),
	setting.Count("remind_minutes", func(c *Colleagues) *int { return &c.RemindAfter }, 10, 0, 240).Optional(),
}

// Validate returns a *FieldError for the first value that is none.
func (c Colleagues) Validate() error { return setting.Check(describedColleagues, &c) }

// checkPickup: a code has a sign that no extension has.
func checkPickup(s string) string {
	switch {
	case s == "":
		return ""
	case len(s) > maxPickup:
		return CodeTooLong
	case strings.Trim(s, "0123456789*#") != "" || !strings.ContainsAny(s, "*#"):
		return CodeInvalid
	}
	return ""
}
