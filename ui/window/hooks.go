package window

import (
	"context"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/hook"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// hooksForm is the page with what is done at the states of calls, each with a button that
// tries what stands there.
type hooksForm struct {
	app *App
	settingRows
	tries   []*button
	outcome *widget.Label // of what was tried
	grid    *fyne.Container
	page    fyne.CanvasObject

	turn    int // tells an answer from one that is no longer waited for
	changed func()
}

// newHooksForm makes the page; bus is the setting about the session bus, which stands below.
func newHooksForm(a *App, k *keys, bus settingRows) *hooksForm {
	f := &hooksForm{app: a, changed: func() {}, outcome: newText("")}
	say(f.outcome, "", widget.MediumImportance)
	f.settingRows = newSettingRows(k, "hooks", func() {
		f.draw()
		f.changed()
	})
	cells := []fyne.CanvasObject{widget.NewLabel(""), f.cell("hooks")}
	for _, state := range hook.States {
		r := f.row(hook.KeyOf(state))
		r.placed = true
		try := newButton(k, words.Text(words.LabelTry), nil)
		try.OnTapped = func() { f.try(string(state), r, try) }
		f.tries = append(f.tries, try)
		cells = append(cells, r.label, container.NewBorder(nil, nil, nil, container.NewVBox(try), r.cell))
	}
	f.grid = newGrid(append(cells, f.cells()...)...)
	page := spaced(newText(words.Text(words.SayHooks)), f.grid, newNote(words.Text(words.SayHooksHow)), f.outcome)
	numbers := newGrid(bus.row(fieldBusNumbers).label, bus.cell(fieldBusNumbers))
	if runtime.GOOS == "linux" { // elsewhere there is no session bus
		page.Add(widget.NewSeparator())
		page.Add(numbers)
	}
	f.page = container.NewVScroll(page)
	return f
}

func (f *hooksForm) load(v hook.Settings, locked map[string]string) {
	f.turn++
	say(f.outcome, "", widget.MediumImportance)
	f.settingRows.load(config.Config{Hooks: v, Locked: locked})
	f.draw()
	for _, t := range f.tries {
		t.enable(locked["hooks"] == "" || v.On)
	}
}

// value is what stands in the form.
func (f *hooksForm) value() *hook.Settings {
	var c config.Config
	f.read(&c)
	return &c.Hooks
}

// draw says what is wrong.
func (f *hooksForm) draw() {
	if f.settingRows.draw() && f.grid != nil {
		relayout(f.grid)
	}
}

// check shows what is wrong and returns the field to correct, nil for none.
func (f *hooksForm) check() fyne.Focusable {
	f.draw()
	return f.wrong()
}

// point is the field that a problem of the agent's is about, nil for none of these.
func (f *hooksForm) point(p *status.Problem) fyne.Focusable {
	if r := f.row(p.Field); r != nil && p.Code == status.CodeField {
		return r.input
	}
	return nil
}

// tryTime is longer than what is tried may take.
const tryTime = hook.Time + 5*time.Second

// try does what stands in a row.
func (f *hooksForm) try(state string, r *settingRow, b *button) {
	f.draw()
	if strings.TrimSpace(r.text()) == "" || r.fault() != "" {
		return
	}
	f.turn++
	turn, text := f.turn, r.text()
	b.enable(false)
	say(f.outcome, "", widget.MediumImportance)
	f.app.ask(tryTime, func(ctx context.Context) func() {
		_, p := channel.Call(ctx, f.app.agent, channel.TryHook, channel.TryHookParams{State: state, Text: text})
		return func() {
			b.enable(true)
			if f.turn != turn {
				return
			}
			defer relayout(f.grid)
			if p != nil {
				say(f.outcome, words.Problem(*p).Here().String(), widget.DangerImportance)
				return
			}
			say(f.outcome, words.Text(words.SayHookTried), widget.SuccessImportance)
		}
	})
}
