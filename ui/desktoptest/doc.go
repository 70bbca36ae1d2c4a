// Package desktoptest starts a private, real Linux desktop for a test and
// drives it the way a person would: with a keyboard, a mouse and a look at the
// screen.
//
// A Desktop is an X server without a monitor (Xvfb), a session bus, a window
// manager (openbox), a panel with a tray (xfce4-panel), a notification daemon
// (dunst) and a keyring (gnome-keyring), all under a home directory of its own.
// [Desktop.StartPortal] adds the portal of a Wayland desktop, and [StartSway] is a
// compositor with its clipboard.
// Nothing of the machine's real session is seen or touched, and any number of
// desktops can run beside each other. Options leave single parts out, because
// how the program behaves without a tray or a keyring is worth a test too.
//
// The desktop is operated as a person operates it: clicks and keys are XTEST events,
// a tray icon is clicked at its place on the panel, a notification's action is chosen
// in the notification daemon. What is read comes from the protocols themselves (X11
// properties, StatusNotifierItem, dbusmenu, the traffic of
// org.freedesktop.Notifications), so that a failed expectation can say what was there
// instead.
//
// Start returns when every part answers, not when its process exists. All
// waiting is for a condition, with a deadline of Patience; a wait that fails
// ends the test and names what it waited for. When the test fails, a screenshot
// and the logs of the parts are left in the artefacts directory.
//
// To start one takes a second or two, most of it waiting: where every test of a package
// wants one, [Ahead] has the next one started while a test runs.
//
// A Desktop belongs to the goroutine of its test: methods end the test with
// Fatal, which only that goroutine may do. Every process started for a desktop
// or through Command is ended in the test's cleanup, and by the kernel if the
// test itself is killed.
//
// The package's own tests drive small programs that live in the test binary
// (a tray icon, a window) through every method.
package desktoptest
