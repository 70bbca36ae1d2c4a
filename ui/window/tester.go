package window

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// tester shows what a text would dial under the settings as they stand in the
// form, and how it comes to that.
type tester struct {
	app    *App
	box    *fyne.Container
	entry  *entry
	source *choice
	number *widget.RichText
	digits fyne.CanvasObject // the number in its size
	line   *widget.Label     // whether it is asked about, and why; or what is wrong
	steps  *fyne.Container
	inner  *fyne.Container
	scroll *container.Scroll

	rules  func() number.Settings
	asking bool // an answer is awaited
	again  bool // and there will be another question
}

// sources are where a text may be from; sourceTexts are what they are called, and
// how that text came.
var (
	sources     = []string{string(number.Typed), string(number.Clipboard), string(number.Link)}
	sourceTexts = map[string]struct{ name, step words.Label }{
		string(number.Typed):     {words.LabelTyped, words.SayAsTyped},
		string(number.Clipboard): {words.LabelCopied, words.SayAsCopied},
		string(number.Link):      {words.LabelLink, words.SayAsLink},
	}
)

// maxTrial is more than any number has; the rest of a text is not sent.
const maxTrial = 512

func newTester(a *App, k *keys, rules func() number.Settings) *tester {
	t := &tester{app: a, rules: rules, number: widget.NewRichText(), line: newText(""), steps: tight()}
	t.number.Wrapping = fyne.TextWrapBreak
	t.entry = newEntry(k)
	t.entry.PlaceHolder = words.Text(words.LabelTryIt)
	t.entry.OnChanged = func(string) { t.ask() }
	t.source = newChoice(k, sources, func(source string) string { return words.Text(sourceTexts[source].name) }, func() { t.ask() })
	t.source.Selected = t.source.Options[1] // most numbers are copied
	t.digits = withSize(a, theme.SizeNameText, 24, t.number)
	// Lines as close as those of a text, and in line with what stands above.
	t.inner = tight(t.digits, t.line, container.New(layout.NewCustomPaddedLayout(0, 0, 5, 5),
		withSize(a, theme.SizeNameInnerPadding, 3, t.steps)))
	t.scroll = container.NewVScroll(t.inner)
	t.scroll.SetMinSize(fyne.NewSize(0, 176))
	t.box = container.NewVBox(
		widget.NewSeparator(),
		container.NewBorder(nil, nil, nil, t.source, t.entry),
		newPanel(t.scroll))
	t.draw(channel.Trial{}, channel.Trace{})
	return t
}

func (t *tester) reset() {
	t.entry.SetText("")
	t.ask()
}

// ask asks the agent about what stands there now. One question is on its way at
// a time; what changes meanwhile is asked about after it.
func (t *tester) ask() {
	if t.asking {
		t.again = true
		return
	}
	trial := t.trial()
	if trial.Text == "" {
		t.draw(trial, channel.Trace{})
		return
	}
	t.asking, t.again = true, false
	t.app.ask(askTime, func(ctx context.Context) func() {
		trace := t.app.agent.Explain(ctx, trial)
		return func() {
			t.asking = false
			if t.again {
				t.ask()
				return
			}
			t.draw(trial, trace)
		}
	})
}

func (t *tester) trial() channel.Trial {
	text := t.entry.Text
	if len(text) > maxTrial {
		text = text[:maxTrial]
	}
	return channel.Trial{Text: text, Source: t.source.code(), Numbers: t.rules()}
}

func (t *tester) draw(trial channel.Trial, trace channel.Trace) {
	p := trace.Preview
	drawDigits(t.number, p.Shown)
	showIf(t.digits, p.Shown != "")
	switch {
	case trial.Text == "":
		say(t.line, words.Text(words.SayTryIt), widget.LowImportance)
	case p.Problem != nil:
		say(t.line, words.ProblemText(p.Problem), widget.DangerImportance)
	case len(p.Reasons) > 0:
		say(t.line, words.Text(words.SayAskedFirst)+" "+words.NumberReasons(p.Reasons), widget.WarningImportance)
	default:
		say(t.line, words.Text(words.SayCalledAtOnce), widget.SuccessImportance)
	}
	t.steps.RemoveAll()
	if trial.Text != "" {
		t.step(channel.Plain(trial.Text, channel.MaxText), words.Text(sourceTexts[trial.Source].step))
		for _, s := range trace.Steps {
			t.step(s.To, words.NumberRule(s.Rule))
		}
		for _, found := range trace.Found {
			t.step(found, words.Text(words.SayFound))
		}
	}
	relayout(t.inner)
	t.scroll.ScrollToTop()
}

// step is one line: what the text became, and why.
func (t *tester) step(text, why string) {
	left := newLine(words.Clean(text))
	left.TextStyle.Monospace = true
	right := newLine(why)
	for _, l := range []*widget.Label{left, right} {
		l.SizeName = theme.SizeNameCaptionText
	}
	right.Importance = widget.LowImportance
	t.steps.Add(container.NewBorder(nil, nil, minWidth(190, left), nil, right))
}
