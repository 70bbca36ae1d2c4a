package agent

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// running is an agent whose Dialer has a PBX, and of which nothing else runs.
func running(t *testing.T) *agent {
	t.Helper()
	pbx, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pbx.Close() })
	a := &agent{cfg: config.Default(), Options: Options{Log: slog.New(slog.DiscardHandler)}}
	host, port, _ := net.SplitHostPort(pbx.Addr())
	account := &a.cfg.Account
	account.Host, account.Username, account.Tenant, account.Extension = host, pbxsim.Username, pbxsim.Tenant, pbxsim.Extensions[0].Number
	account.Port, _ = strconv.Atoi(port)
	keys := secret.Memory()
	if err := keys.Set(t.Context(), secret.Key(*account), pbxsim.Secret); err != nil {
		t.Fatal(err)
	}
	a.dialer = dialer.New(dialer.Options{Secrets: keys})
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.dialer.Run(ctx) })
	t.Cleanup(wg.Wait)
	t.Cleanup(end)
	if err := a.dialer.SetAccount(t.Context(), *account, config.LinkOnDemand); err != nil {
		t.Fatal(err)
	}
	a.windows = newWindows(a, a.Log)
	a.windows.close() // nothing can be shown
	return a
}

func TestPreviewSaysWhy(t *testing.T) {
	c := &windowHandler{agent: &agent{cfg: config.Default()}}
	v := c.Preview(context.Background(), "0 899123456")
	if v.Problem != nil || v.Dial() != "0899123456" || v.Shown != "0 899 123 456" || strings.Join(v.Reasons, " ") != "premium" {
		t.Errorf("%+v", v)
	}
	if v := c.Preview(context.Background(), "+39 050 1234567"); v.Shown != "0 050 123 4567" || len(v.Reasons) != 0 {
		t.Errorf("%+v", v)
	}
	if v := c.Preview(context.Background(), "06 1234567x"); v.Problem == nil || v.Problem.Fault != string(number.Letters) {
		t.Errorf("%+v", v)
	}
}

// TestAYesIsToWhatWasShown: at no door does an id dial but what that door showed under
// it, by the rules of the time.
func TestAYesIsToWhatWasShown(t *testing.T) {
	a := running(t)
	windows, socket := &windowHandler{agent: a}, &socketHandler{agent: a}
	ctx := t.Context()
	code := func(err error) status.Code {
		if p := dialer.ProblemOf(err, status.AttemptDial); p != nil {
			return p.Code
		}
		return ""
	}
	bySocket := func(id uint64) status.Code {
		_, _, err := socket.DialOffer(ctx, id, false)
		return code(err)
	}
	_, _, err := socket.Dial(ctx, "0 899123456", false)
	asked := status.Find(err, status.CodeConfirm)
	if asked == nil {
		t.Fatalf("dialled without a yes: %v", err)
	}
	id := asked.Offers[0].ID
	if p := windows.Dial(ctx, id, false); p == nil || p.Code != status.CodeConfirm {
		t.Errorf("the windows dial what the command line was shown: %v", p)
	}
	if p := windows.Answer(ctx, id, true); p == nil || p.Code != status.CodeConfirm {
		t.Errorf("a link was agreed to where there was none: %v", p)
	}
	if got := bySocket(id + 1); got != status.CodeConfirm {
		t.Errorf("a yes to what was never shown: %s", got)
	}
	// A setting that changes in between: the yes was to what the other rules make of it.
	v := windows.Preview(ctx, "050 1234567")
	a.epoch, _ = a.dialer.NextEpoch(ctx)
	if p := windows.Dial(ctx, v.ID, false); p == nil || p.Code != status.CodeAccountChanged {
		t.Errorf("by the old rules: %v", p)
	}
	if got := bySocket(id); got != status.CodeAccountChanged {
		t.Errorf("by the old rules: %s", got)
	}
	if c := a.dialer.Snapshot().Call; c != nil {
		t.Errorf("dialled %+v", c)
	}

	v = windows.Preview(ctx, "050 1234567")
	windows.Preview(ctx, "050 1234568")
	if p := windows.Dial(ctx, v.ID, false); p != nil {
		t.Errorf("a yes to what was shown: %v", p)
	}
	if c := a.dialer.Snapshot().Call; c == nil || c.Number != v.Dial() {
		t.Errorf("dialled %+v", c)
	}
}

// TestALinkIsAskedAnew: where the settings change while a link is asked about, a yes
// dials nothing; it is asked about as it is now, under an id of its own.
func TestALinkIsAskedAnew(t *testing.T) {
	a := running(t)
	plan := a.plan("tel:+390501234567", number.Link)
	a.links.limiter.last, a.links.limiter.shown, a.links.plan = 1, 1, plan
	a.cfg.Account.Prefix = "9"
	a.epoch, _ = a.dialer.NextEpoch(t.Context())
	h := &windowHandler{agent: a}
	if p := h.Answer(t.Context(), 1, true); p == nil || p.Code != status.CodeAccountChanged {
		t.Errorf("a yes to what was shown before: %v", p)
	}
	if a.links.limiter.last != 2 || a.links.plan.Dial != "90501234567" {
		t.Errorf("id %d, %s", a.links.limiter.last, a.links.plan.Dial)
	}
	if p := h.Answer(t.Context(), 1, true); p == nil || p.Code != status.CodeConfirm {
		t.Errorf("the old yes again: %v", p)
	}
}
