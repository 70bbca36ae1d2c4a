//go:build linux

package desktoptest

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// passedOn are the variables of the test's own environment that everything on the
// desktop gets, beside PATH.
var passedOn = []string{"GOCOVERDIR", "GOTRACEBACK", "TZ", "LC_ALL"}

// baseEnv is the environment of everything on the desktop, without DISPLAY.
func (d *Desktop) baseEnv() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"LANG=C.UTF-8",
		"CORNETTA_LANGUAGE=en", // whatever the machine speaks; a test that wants another sets it
		"HOME=" + d.path("home"),
		"TMPDIR=" + d.path("tmp"),
		"XDG_CONFIG_HOME=" + d.path("config"),
		"XDG_DATA_HOME=" + d.path("data"),
		"XDG_STATE_HOME=" + d.path("state"),
		"XDG_CACHE_HOME=" + d.path("cache"),
		"XDG_RUNTIME_DIR=" + d.path("run"),
		"XDG_CURRENT_DESKTOP=XFCE",
		"XDG_SESSION_TYPE=x11",
		"DBUS_SESSION_BUS_ADDRESS=" + d.BusAddress(),
		"NO_AT_BRIDGE=1",           // GTK: no accessibility bus, there is none
		"LIBGL_ALWAYS_SOFTWARE=1",  // Xvfb has no graphics card
		"GSETTINGS_BACKEND=memory", // no dconf service
		marker + "=" + d.dir,
		"GORACE=exitcode=0 log_path=" + d.path("log", "race"), // see races
	}
	if dir := shaders(); dir != "" {
		env = append(env, "MESA_SHADER_CACHE_DIR="+dir)
	}
	for _, name := range passedOn {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// shaders is where the compiled shaders of all desktops are, "" for each desktop's own
// cache: each desktop's first window would compile the same. Those of a benchmark do, as
// on a computer where Cornetta is new.
func shaders() string {
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		return ""
	}
	cache := os.Getenv("CORNETTA_CACHE")
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		cache = filepath.Join(user, "cornetta")
	}
	dir := filepath.Join(cache, "shaders")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ""
	}
	return dir
}

// writeFiles makes the desktop's directories and settings.
func (d *Desktop) writeFiles() error {
	for _, dir := range []string{"home", "tmp", "config", "data", "state", "cache", "run", "log", "services"} {
		if err := os.Mkdir(d.path(dir), 0o700); err != nil {
			return err
		}
	}
	files := map[string]string{
		"session.conf":           fmt.Sprintf(busConf, d.BusAddress(), d.path("services"), d.path("data", "dbus-1", "services")),
		"config/dunst/dunstrc":   fmt.Sprintf(dunstConf, d.path("choose")),
		"config/openbox/rc.xml":  openboxConf,
		"config/user-dirs.conf":  "enabled=False\n",
		"choose":                 fmt.Sprintf(chooseScript, d.path("choice")),
		"config/" + panelChannel: panelConf,
	}
	for name, content := range files {
		path := filepath.Join(d.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return err
		}
	}
	if err := os.Chmod(d.path("choose"), 0o700); err != nil {
		return err
	}
	return d.copyServices()
}

// copyServices lets the bus activate what the panel and the keyring cannot do
// without, and nothing else: a notification daemon or a keyring that the bus
// starts by itself would defeat the options that leave them out.
func (d *Desktop) copyServices() error {
	for _, name := range []string{
		"org.xfce.Xfconf.service",
		"org.gnome.keyring.SystemPrompter.service",
		"org.gnome.keyring.PrivatePrompter.service",
	} {
		b, err := os.ReadFile(filepath.Join("/usr/share/dbus-1/services", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // who needs it will say so
		}
		if err != nil {
			return err
		}
		// A line that points at a systemd unit would make the bus ask the
		// machine's systemd instead of starting the program itself.
		var keep []string
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(line, "SystemdService=") {
				keep = append(keep, line)
			}
		}
		if err := os.WriteFile(d.path("services", name), []byte(strings.Join(keep, "")), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// busConf wants the bus address, the directory of the desktop's activatable
// services and that of the user's own.
const busConf = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// panelChannel is where xfconf looks for the panel's settings.
const panelChannel = "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"

// panelPlugin is the number of the tray among the panel's plugins.
const panelPlugin = 1

// panelConf is a bar along the top edge that holds the tray and nothing else.
const panelConf = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=2;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="double" value="100"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="22"/>
      <property name="square-icons" type="bool" value="true"/>
      <property name="single-row" type="bool" value="true"/>
    </property>
  </property>
</channel>
`

// dunstConf wants the program that stands in for a menu. A notification stays
// until it is closed or its own time is over, so that no test races with it.
const dunstConf = `[global]
    monitor = 0
    follow = none
    width = 360
    origin = top-right
    offset = 12x48
    font = Sans 10
    markup = full
    format = "<b>%%s</b>\n%%b"
    show_indicators = yes
    history_length = 100
    sticky_history = yes
    dmenu = %s
    mouse_left_click = do_action
    mouse_middle_click = close_current
    mouse_right_click = close_current
[urgency_low]
    timeout = 0
[urgency_normal]
    timeout = 0
[urgency_critical]
    timeout = 0
`

// chooseScript wants the file that says which line of dunst's menu to choose.
const chooseScript = `#!/bin/sh
read -r want < %s || exit 1
while IFS= read -r line || [ -n "$line" ]; do # the last line has no end
    case "$line" in
    *"$want") printf '%%s\n' "$line"; exit 0 ;;
    esac
done
exit 1
`

// openboxConf is a window manager with one desktop, no key bindings of its own
// (they would take keys from the program under test) and a click that focuses.
const openboxConf = `<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <theme><name>Clearlooks</name><titleLayout>NLC</titleLayout></theme>
  <desktops><number>1</number></desktops>
  <keyboard></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
    <context name="Titlebar">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
    </context>
    <context name="Close">
      <mousebind button="Left" action="Click"><action name="Close"/></mousebind>
    </context>
  </mouse>
</openbox_config>
`
