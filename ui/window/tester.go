package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/number"
	"cornetta/ui/words"
)

// tester shows what a text would dial under the settings as they stand in the
// form, and how it comes to that.
type tester struct {
	box    *fyne.Container
	entry  *entry
	source *choice
	number *widget.RichText
	digits fyne.CanvasObject // the number in its size
	line   *widget.Label     // whether it is asked about, and why; or what is wrong
	steps  *fyne.Container
	inner  *fyne.Container
	scroll *container.Scroll

	rules func() number.Settings
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

// maxTrial is more than any number has; the rest of a text is not tried.
const maxTrial = 512

func newTester(a *App, k *keys, rules func() number.Settings) *tester {
	t := &tester{rules: rules, number: widget.NewRichText(), line: newText(""), steps: tight()}
	t.number.Wrapping = fyne.TextWrapBreak
	t.entry = newEntry(k)
	t.entry.PlaceHolder = words.Text(words.LabelTryIt)
	t.entry.OnChanged = func(string) { t.draw() }
	t.source = newChoice(k, sources, func(source string) string { return words.Text(sourceTexts[source].name) }, func() { t.draw() })
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
	t.draw()
	return t
}

func (t *tester) reset() { t.entry.SetText("") }

// draw shows what stands there now.
func (t *tester) draw() {
	text, source := t.entry.Text, t.source.code()
	text = text[:min(len(text), maxTrial)]
	t.steps.RemoveAll()
	p := number.Plan{}
	if text == "" {
		say(t.line, words.Text(words.SayTryIt), widget.LowImportance)
	} else {
		p = number.Parse(text, number.Source(source), t.rules())
		t.step(text, words.Text(sourceTexts[source].step))
	}
	drawDigits(t.number, p.Shown())
	showIf(t.digits, p.Dial != "")
	switch p.Outcome {
	case number.Error:
		say(t.line, words.NumberError(string(p.Error)).String(), widget.DangerImportance)
	case number.Confirm:
		say(t.line, words.Text(words.SayAskedFirst)+" "+words.NumberReasons(p.Why()), widget.WarningImportance)
	case number.Dial:
		say(t.line, words.Text(words.SayCalledAtOnce), widget.SuccessImportance)
	}
	if p.Then != "" {
		t.line.SetText(t.line.Text + "\n" + words.ThenOf(p.Then))
	}
	for _, s := range p.Steps {
		t.step(s.To, words.NumberRule(string(s.Rule)))
	}
	for _, c := range p.Choices {
		t.step(c.Label+" "+c.Input, words.Text(words.SayFound))
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
