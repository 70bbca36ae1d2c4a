// Command barewindow shows a Fyne window and does nothing else: the least that
// a window can cost.
package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

func main() {
	w := app.NewWithID("io.cornetta.Bare").NewWindow("Bare")
	entry := widget.NewEntry()
	w.SetContent(container.NewVBox(widget.NewLabel("Number"), entry, widget.NewButton("Call", nil)))
	w.Resize(fyne.NewSize(480, 300))
	w.Canvas().Focus(entry)
	w.ShowAndRun()
}
