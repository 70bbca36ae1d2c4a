package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tabBar is where the keyboard stands while it is on tabs: Fyne's own are for the
// mouse alone. It is a line above them, which is seen while it has the focus. Left,
// Right, Home and End turn to another tab and stay here, Down and Enter go into it.
type tabBar struct {
	widget.BaseWidget
	watched
	tabs *container.AppTabs
	into func() // the keyboard is to be in the tab that is shown
	line *canvas.Rectangle
}

func newTabBar(tabs *container.AppTabs, k *keys, into func()) *tabBar {
	b := &tabBar{watched: watched{k}, tabs: tabs, into: into, line: canvas.NewRectangle(color.Transparent)}
	b.line.SetMinSize(fyne.NewSize(0, 2))
	b.ExtendBaseWidget(b)
	return b
}

func (b *tabBar) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.line) }

func (b *tabBar) FocusGained() {
	b.draw(b.Theme().Color(theme.ColorNamePrimary, fyne.CurrentApp().Settings().ThemeVariant()))
}
func (b *tabBar) FocusLost() { b.draw(color.Transparent) }

func (b *tabBar) draw(c color.Color) {
	b.line.FillColor = c
	b.line.Refresh()
}

func (b *tabBar) TypedRune(rune) {}

func (b *tabBar) TypedKey(ev *fyne.KeyEvent) {
	last := len(b.tabs.Items) - 1
	to := b.tabs.SelectedIndex()
	switch ev.Name {
	case fyne.KeyLeft:
		to = max(0, to-1)
	case fyne.KeyRight:
		to = min(to+1, last)
	case fyne.KeyHome:
		to = 0
	case fyne.KeyEnd:
		to = last
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		b.into()
		return
	case fyne.KeyEscape:
		b.keys.handle(ev.Name)
		return
	default:
		return
	}
	b.tabs.SelectIndex(to)
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Focus(b)
	}
}
