package window

import (
	"context"
	"encoding/json"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// accountsRow is the list at the top of the settings' account: which one is in use, and so
// shown below, and what can be done with the list. What is done is done at once.
type accountsRow struct {
	settings *settingsWindow
	box      *fyne.Container
	pick     *choice
	add      *button
	remove   *button
	named    []fyne.CanvasObject // rows that there is a use for only where there are several

	names  []string
	inUse  string
	clean  string // what stands in the window where nothing was changed
	filled bool   // what is picked is the person's doing
	sure   bool   // remove was pressed once
}

func newAccountsRow(s *settingsWindow) *accountsRow {
	r := &accountsRow{settings: s}
	r.pick = newChoice(s.keys, nil, nil, r.picked)
	r.add = newButton(s.keys, words.Text(words.LabelAddAccount), r.tapAdd)
	r.remove = newButton(s.keys, words.Text(words.LabelRemoveAccount), r.tapRemove)
	r.box = newGrid(
		fieldLabel(words.Text(words.LabelAccount)),
		container.NewBorder(nil, nil, nil, container.NewHBox(r.add, r.remove), r.pick))
	for _, key := range []string{"name", "by_network"} {
		row := s.form.others.row(key)
		r.named = append(r.named, row.label, s.form.others.cell(key))
	}
	return r
}

// load shows the accounts that there are, and which one is in use.
func (r *accountsRow) load(v channel.Settings) {
	r.filled, r.sure = false, false
	r.names, r.inUse = v.Accounts, v.Account.Name
	r.pick.codes, r.pick.Options = r.names, nil
	for _, name := range r.names {
		r.pick.Options = append(r.pick.Options, words.NameOfAccount(name))
	}
	r.pick.ClearSelected()
	if len(r.names) > 0 {
		r.pick.pick(r.inUse)
	}
	r.pick.Refresh()
	several := len(r.names) > 1
	showIf(r.box, len(r.names) > 0)
	showIf(r.pick, several)
	showIf(r.remove, several)
	r.remove.SetText(words.Text(words.LabelRemoveAccount))
	for _, o := range r.named {
		showIf(o, several)
	}
	r.add.enable(len(r.names) < config.MaxAccounts)
	r.clean, r.filled = r.stands(), true
}

// stands is what stands in the window, but for what the desktop tells later.
func (r *accountsRow) stands() string {
	e := r.settings.edit()
	e.Register = nil
	text, _ := json.Marshal(e)
	return string(text)
}

// unsaved tells the person where something was changed that would be lost.
func (r *accountsRow) unsaved() bool {
	if r.stands() == r.clean {
		return false
	}
	say(r.settings.outcome, words.Text(words.SaySaveFirst), widget.WarningImportance)
	relayout(r.settings.footer)
	return true
}

func (r *accountsRow) picked() {
	if !r.filled || len(r.names) == 0 {
		return
	}
	name := r.pick.code()
	switch {
	case name == r.inUse:
	case r.unsaved():
		r.filled = false
		r.pick.pick(r.inUse)
		r.filled = true
	default:
		r.do(func(ctx context.Context) func() {
			_, p := channel.Call(ctx, r.settings.app.agent, channel.UseAccount, channel.AccountParams{Name: name})
			return r.done(words.ProblemText(p))
		})
	}
}

func (r *accountsRow) tapAdd() {
	if !r.unsaved() {
		r.settings.hide()
		r.settings.app.addAccount()
	}
}

// tapRemove removes the account when it is pressed a second time.
func (r *accountsRow) tapRemove() {
	if !r.sure {
		r.sure = true
		r.remove.SetText(words.Text(words.LabelRemoveSure))
		relayout(r.box)
		return
	}
	name := r.inUse
	r.do(func(ctx context.Context) func() {
		_, p := channel.Call(ctx, r.settings.app.agent, channel.RemoveAccount, channel.AccountParams{Name: name})
		return r.done(words.ProblemText(p))
	})
}

// do asks the agent, and lets nothing else be done meanwhile.
func (r *accountsRow) do(work func(ctx context.Context) func()) {
	s := r.settings
	s.save.enable(false)
	s.test.enable(false)
	r.pick.Disable()
	s.app.ask(askTime, work)
}

func (r *accountsRow) done(wrong string) func() {
	return func() {
		r.pick.Enable()
		r.settings.reload(wrong)
	}
}
