// Command baretray shows a tray icon and does nothing else: the least that a
// program of this kind can cost.
package main

import (
	"os"
	"os/signal"
	"syscall"

	"fyne.io/systray"

	"cornetta/assets"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		systray.Quit()
	}()
	systray.Run(func() {
		systray.SetTemplateIcon(assets.Tray(assets.Ready), assets.Tray(assets.Ready))
		systray.SetTooltip("Bare")
		systray.AddMenuItem("Quit", "")
	}, nil)
}
