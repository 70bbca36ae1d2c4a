package agent

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// running is an agent whose Dialer has a PBX, and of which nothing else runs.
func running(t *testing.T) *agent {
	t.Helper()
	pbx, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pbx.Close() })
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	a := &agent{cfg: config.Default(), Options: Options{Name: "cornetta", Store: config.NewStore(t.TempDir()), Log: slog.New(slog.DiscardHandler)}}
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
	if err := a.dialer.SetAccount(t.Context(), *account, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	a.windows = newWindows(a, a.Log)
	a.windows.close() // nothing can be shown
	return a
}

// previewed is what the dial window shows of text.
func (h *windowHandler) previewed(text string) status.Offer {
	v, _ := h.preview(context.Background(), channel.PreviewParams{Text: text})
	return v
}

// yes is one to the link that was shown as id.
func (h *windowHandler) yes(ctx context.Context, id uint64) error {
	_, err := h.answer(ctx, channel.AnswerParams{ID: id, Yes: true})
	return err
}

func TestPreviewSaysWhy(t *testing.T) {
	c := &windowHandler{agent: &agent{cfg: config.Default(), Options: Options{Store: config.NewStore(t.TempDir())}}}
	v := c.previewed("0 899123456")
	if v.Problem != nil || v.Dial() != "0899123456" || v.Shown != "0 899 123 456" || strings.Join(v.Reasons, " ") != "premium" {
		t.Errorf("%+v", v)
	}
	if v := c.previewed("+39 050 1234567"); v.Shown != "0 050 123 4567" || len(v.Reasons) != 0 {
		t.Errorf("%+v", v)
	}
	if v := c.previewed("06 1234567x"); v.Problem == nil || v.Problem.Fault != string(number.Letters) {
		t.Errorf("%+v", v)
	}
}

// TestAYesIsToWhatWasShown: at no door does an id dial but what that door showed under
// it, by the rules of the time.
func TestAYesIsToWhatWasShown(t *testing.T) {
	a := running(t)
	windows, socket := &windowHandler{agent: a}, &socketHandler{agent: a}
	ctx := t.Context()
	bySocket := func(id uint64) error {
		_, _, err := socket.DialOffer(ctx, id, status.Wish{}, false)
		return err
	}
	inWindow := func(id uint64) error {
		_, err := windows.dial(ctx, channel.DialParams{ID: id})
		return err
	}
	fails := func(what string, err error, code status.Code) {
		t.Helper()
		if status.Find(err, code) == nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, _, err := socket.Dial(ctx, "0 899123456", false)
	asked := status.Find(err, status.CodeConfirm)
	if asked == nil {
		t.Fatalf("dialled without a yes: %v", err)
	}
	id := asked.Offers[0].ID
	fails("the windows dial what the command line was shown", inWindow(id), status.CodeConfirm)
	fails("a link was agreed to where there was none", windows.yes(ctx, id), status.CodeConfirm)
	fails("a yes to what was never shown", bySocket(id+1), status.CodeConfirm)

	// A setting that changes in between: the yes was to what the other rules make of it.
	v := windows.previewed("050 1234567")
	a.epoch, _ = a.dialer.NextEpoch(ctx)
	fails("by the old rules", inWindow(v.ID), status.CodeAccountChanged)
	fails("by the old rules", bySocket(id), status.CodeAccountChanged)
	if c := a.dialer.Snapshot().Call; c != nil {
		t.Errorf("dialled %+v", c)
	}

	v = windows.previewed("050 1234567")
	windows.previewed("050 1234568")
	if err := inWindow(v.ID); err != nil {
		t.Errorf("a yes to what was shown: %v", err)
	}
	if c := a.dialer.Snapshot().Call; c == nil || c.Number != v.Dial() {
		t.Errorf("dialled %+v", c)
	}
}

// TestManyCallsThatNobodyTyped: of what was copied or is dialled again from the menu
// six a minute are called unasked, and trusted links count them; what is typed is not
// limited.
func TestManyCallsThatNobodyTyped(t *testing.T) {
	a := running(t)
	over := func() {
		t.Helper()
		snapshots, cancel := a.dialer.Subscribe()
		defer cancel()
		for s := range snapshots {
			if s.Call != nil && !s.Call.Live() {
				return
			}
		}
	}
	busy := func(n int) consent.Made { return a.plan(fmt.Sprintf("050 1234%d03", n), number.Clipboard) }
	var offers consent.Offers
	for i := range maxUnasked {
		if _, err := a.placeUntyped(t.Context(), busy(i), &offers); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		over()
		l := &a.links.limiter
		now := time.Now()
		if !l.arrive(now) {
			t.Fatal("a link is dropped")
		}
		if l.trust(l.shown, now) != (i+1 < maxTrusted) {
			t.Errorf("after %d calls a link is trusted, or not", i+1)
		}
		l.abandon(l.shown)
	}
	placed := len(a.links.limiter.called)
	_, err := a.placeUntyped(t.Context(), busy(7), &offers)
	asked := status.Find(err, status.CodeConfirm)
	if asked == nil || !slices.Equal(asked.Offers[0].Reasons, []string{string(consent.ReasonManyCalls)}) {
		t.Fatalf("call %d: %v", maxUnasked+1, err)
	}
	if why := words.NumberReasons(asked.Offers[0].Reasons); strings.Contains(why, "many calls") {
		t.Errorf("there is no sentence for it: %s", why)
	}
	for i := range 2 {
		if _, err := a.place(t.Context(), a.plan(fmt.Sprintf("050 1234%d03", 8+i), number.Typed), &offers); err != nil {
			t.Errorf("typed: %v", err)
		}
		over()
	}
	if _, err := a.placeAgreed(t.Context(), &offers, asked.Offers[0].ID, status.Wish{}, false); err != nil {
		t.Errorf("after the yes: %v", err)
	}
	over()
	if n := len(a.links.limiter.called); n != placed {
		t.Errorf("%d more were counted", n-placed)
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
	if err := h.yes(t.Context(), 1); status.Find(err, status.CodeAccountChanged) == nil {
		t.Errorf("a yes to what was shown before: %v", err)
	}
	if a.links.limiter.last != 2 || a.links.plan.Dial != "90501234567" {
		t.Errorf("id %d, %s", a.links.limiter.last, a.links.plan.Dial)
	}
	if err := h.yes(t.Context(), 1); status.Find(err, status.CodeConfirm) == nil {
		t.Errorf("the old yes again: %v", err)
	}
}
