package window

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// look is Fyne's theme with Cornetta's accent, and with colours that differ enough from
// what they are on to be seen by everybody: text by 4.5:1, and what bounds a control or
// shows where the keyboard is by 3:1, which TestContrast measures. Fyne's own grey on
// white does not.
type look struct{ fyne.Theme }

func newLook() fyne.Theme { return &look{theme.DefaultTheme()} }

var (
	accentLight = color.NRGBA{0x14, 0x74, 0x8a, 0xff}
	accentDark  = color.NRGBA{0x2f, 0xa3, 0xbb, 0xff}
)

func (l *look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	light := variant == theme.VariantLight
	pick := func(onLight, onDark color.NRGBA) color.Color {
		if light {
			return onLight
		}
		return onDark
	}
	switch name {
	case theme.ColorNamePrimary, theme.ColorNameHyperlink:
		return pick(accentLight, accentDark)
	case theme.ColorNameForegroundOnPrimary:
		return pick(color.NRGBA{0xff, 0xff, 0xff, 0xff}, color.NRGBA{0x08, 0x14, 0x18, 0xff})
	case theme.ColorNameFocus:
		return pick(color.NRGBA{0x14, 0x74, 0x8a, 0x50}, color.NRGBA{0x2f, 0xa3, 0xbb, 0x60})
	case theme.ColorNameSelection:
		return pick(color.NRGBA{0x14, 0x74, 0x8a, 0x48}, color.NRGBA{0x2f, 0xa3, 0xbb, 0x60})
	case theme.ColorNameSuccess:
		return pick(color.NRGBA{0x1b, 0x7f, 0x3b, 0xff}, color.NRGBA{0x4c, 0xc3, 0x6f, 0xff})
	case theme.ColorNameWarning:
		return pick(color.NRGBA{0x98, 0x51, 0x00, 0xff}, color.NRGBA{0xff, 0xb3, 0x40, 0xff})
	case theme.ColorNameError:
		return pick(color.NRGBA{0xb3, 0x26, 0x1e, 0xff}, color.NRGBA{0xff, 0x7b, 0x70, 0xff})
	}
	if light {
		switch name {
		case theme.ColorNameForeground:
			return color.NRGBA{0x20, 0x24, 0x26, 0xff}
		case theme.ColorNamePlaceHolder:
			return color.NRGBA{0x66, 0x6c, 0x70, 0xff}
		case theme.ColorNameDisabled:
			return color.NRGBA{0x60, 0x66, 0x6a, 0xff}
		case theme.ColorNameButton, theme.ColorNameDisabledButton:
			return color.NRGBA{0xe4, 0xe8, 0xea, 0xff}
		case theme.ColorNameInputBorder:
			return color.NRGBA{0x76, 0x7d, 0x82, 0xff}
		case theme.ColorNameSeparator:
			return color.NRGBA{0xc4, 0xca, 0xce, 0xff}
		}
	} else {
		switch name {
		case theme.ColorNameDisabled:
			return color.NRGBA{0x8b, 0x90, 0x95, 0xff}
		case theme.ColorNameInputBorder:
			return color.NRGBA{0x74, 0x78, 0x7d, 0xff}
		case theme.ColorNameSeparator:
			return color.NRGBA{0x45, 0x48, 0x4c, 0xff}
		}
	}
	return l.Theme.Color(name, variant)
}

func (l *look) Icon(name fyne.ThemeIconName) fyne.Resource {
	if name == theme.IconNameCheckButton {
		return tickBox
	}
	return l.Theme.Icon(name)
}

// tickBox is the box of a tick that is not set, in a line that is seen: Fyne's is thinner
// than a pixel.
var tickBox = fyne.NewStaticResource("tick-box.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M19 5v14H5V5h14m0-2H5c-1.1 0-2 .9-2 2v14c0 1.1.9 2 2 2h14c1.1 0 2-.9 2-2V5c0-1.1-.9-2-2-2z"/></svg>`))

// big is the look of the number entry.
type big struct{ fyne.Theme }

func (b *big) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNameText {
		return 20
	}
	return b.Theme.Size(name)
}

// handset is the phone of Cornetta's own mark, in Fyne's icon colour.
var handset = theme.NewThemedResource(fyne.NewStaticResource("handset.svg", []byte(
	`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" transform="rotate(-135 12 12)" d="M2.4 13.4C2.4 8.5 6.7 6.6 12 6.6s9.6 1.9 9.6 6.8v2a1.6 1.6 0 0 1-1.6 1.6h-2.9a1.6 1.6 0 0 1-1.6-1.6v-2c0-1-1.5-1.6-3.5-1.6s-3.5.6-3.5 1.6v2A1.6 1.6 0 0 1 6.9 17H4a1.6 1.6 0 0 1-1.6-1.6z"/></svg>`)))

// star and starOutline are for a number that is a favourite, and one that is not. Fyne
// colours what is filled.
var (
	star = theme.NewThemedResource(fyne.NewStaticResource("star.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12.0 2.0L14.9 8.6L22.1 9.3L16.7 14.1L18.2 21.2L12.0 17.5L5.8 21.2L7.3 14.1L1.9 9.3L9.1 8.6z"/></svg>`)))
	starOutline = theme.NewThemedResource(fyne.NewStaticResource("star-outline.svg", []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"><path fill="#000" d="M12.0 2.0L14.9 8.6L22.1 9.3L16.7 14.1L18.2 21.2L12.0 17.5L5.8 21.2L7.3 14.1L1.9 9.3L9.1 8.6zM10.1 10.0L5.4 10.5L9.0 13.6L7.9 18.2L12.0 15.8L16.1 18.2L15.0 13.6L18.6 10.5L13.9 10.0L12.0 5.7z"/></svg>`)))
)

// tint gives an icon a colour of the theme.
func tint(res fyne.Resource, name fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(res, name)
}

// panel is a box that stands out from the window a little.
type panel struct {
	widget.BaseWidget
	content fyne.CanvasObject
}

func newPanel(content fyne.CanvasObject) *panel {
	p := &panel{content: container.New(layout.NewCustomPaddedLayout(8, 8, 8, 8), content)}
	p.ExtendBaseWidget(p)
	return p
}

func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{p: p, back: canvas.NewRectangle(color.Transparent)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	p    *panel
	back *canvas.Rectangle
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Move(fyne.NewSquareOffsetPos(0.5)) // the line is inside
	r.back.Resize(size.SubtractWidthHeight(1.5, 1.5))
	r.p.content.Resize(size)
}
func (r *panelRenderer) MinSize() fyne.Size { return r.p.content.MinSize() }
func (r *panelRenderer) Destroy()           {}
func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.p.content}
}

func (r *panelRenderer) Refresh() {
	th := r.p.Theme()
	v := fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor = th.Color(theme.ColorNameInputBackground, v)
	r.back.StrokeColor = th.Color(theme.ColorNameSeparator, v)
	r.back.StrokeWidth = 1
	r.back.CornerRadius = 6
	r.back.Refresh()
	r.p.content.Refresh()
}

// The kinds of label the windows use. All of them are plain text.

func newText(s string) *widget.Label {
	return &widget.Label{Text: s, Wrapping: fyne.TextWrapWord}
}

func newHeading(s string) *widget.Label {
	return &widget.Label{
		Text: s, Wrapping: fyne.TextWrapWord,
		TextStyle: fyne.TextStyle{Bold: true}, SizeName: theme.SizeNameSubHeadingText,
	}
}

func newBold(s string) *widget.Label {
	return &widget.Label{Text: s, Wrapping: fyne.TextWrapWord, TextStyle: fyne.TextStyle{Bold: true}}
}

// newNote is small and quiet.
func newNote(s string) *widget.Label {
	return &widget.Label{
		Text: s, Wrapping: fyne.TextWrapWord,
		SizeName: theme.SizeNameCaptionText, Importance: widget.LowImportance,
	}
}

// newLine never grows the window: what does not fit ends in "…".
func newLine(s string) *widget.Label {
	return &widget.Label{Text: s, Truncation: fyne.TextTruncateEllipsis}
}

// say sets a label's text and shows it, or hides it where there is none.
func say(l *widget.Label, s string, imp widget.Importance) {
	if l.Text == s && l.Importance == imp && l.Visible() == (s != "") {
		return
	}
	l.Text, l.Importance = s, imp
	if s == "" {
		l.Hide()
		return
	}
	l.Show()
	l.Refresh()
}

// relayout gives what was shown, hidden or has other text its place. Twice: a
// wrapped line knows its height only once it has its width.
func relayout(c *fyne.Container) {
	c.Refresh()
	c.Refresh()
}

// place is relayout for what is in containers and panels, where nothing has another look:
// it has no text drawn anew that stays, while one types.
func place(o fyne.CanvasObject) {
	for range 2 {
		lay(o)
	}
}

func lay(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, part := range o.Objects {
			if part.Visible() {
				lay(part)
			}
		}
	case *panel:
		lay(o.content)
	}
}

// minWidth keeps o at least w wide.
func minWidth(w float32, o fyne.CanvasObject) fyne.CanvasObject {
	spacer := canvas.NewRectangle(color.Transparent)
	spacer.SetMinSize(fyne.NewSize(w, 0))
	return container.NewStack(spacer, o)
}

// minHeight keeps o at least h high.
func minHeight(h float32, o fyne.CanvasObject) fyne.CanvasObject {
	spacer := canvas.NewRectangle(color.Transparent)
	spacer.SetMinSize(fyne.NewSize(0, h))
	return container.NewStack(spacer, o)
}

// drawDigits shows a number as it is sent. The outside line stands apart in
// another colour; the space between is the only sign that is not sent. It
// returns the outside line.
func drawDigits(t *widget.RichText, shown string) string {
	line, rest, apart := strings.Cut(shown, " ")
	if !apart {
		line, rest = "", shown
	}
	t.Segments = nil
	add := func(s string, colour fyne.ThemeColorName) {
		t.Segments = append(t.Segments, &widget.TextSegment{Text: s, Style: widget.RichTextStyle{
			Inline: true, ColorName: colour, SizeName: theme.SizeNameText, TextStyle: fyne.TextStyle{Bold: true},
		}})
	}
	if apart {
		add(line+" ", theme.ColorNamePlaceHolder)
	}
	add(rest, theme.ColorNameForeground)
	t.Refresh()
	return line
}

// resized is a look with other sizes for some things.
type resized struct {
	fyne.Theme
	sizes map[fyne.ThemeSizeName]float32
}

func (r *resized) Size(name fyne.ThemeSizeName) float32 {
	if size, ok := r.sizes[name]; ok {
		return size
	}
	return r.Theme.Size(name)
}

// withSize shows o with another size for one thing.
func withSize(a *App, name fyne.ThemeSizeName, size float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewThemeOverride(o, &resized{a.fyne.Settings().Theme(), map[fyne.ThemeSizeName]float32{name: size}})
}

// indented puts an icon where the text of labels begins.
func indented(o fyne.CanvasObject) fyne.CanvasObject {
	gap := canvas.NewRectangle(color.Transparent)
	gap.SetMinSize(fyne.NewSize(4, 0))
	return container.NewHBox(gap, o)
}

// spaced is a column with a little more room between its parts than Fyne's.
func spaced(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(8), objects...)
}

// tight is a column without gaps.
func tight(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(0), objects...)
}
