#!/bin/sh
# Installs what is missing to build or to test Cornetta on Debian (12 or later)
# or Ubuntu (22.04 or later).
#
#   packaging/linux/deps.sh build   what a compiler needs
#   packaging/linux/deps.sh windows that for Windows, and what makes installers
#   packaging/linux/deps.sh test    all that, and a desktop, a PBX and a Windows to test on
#   packaging/linux/deps.sh packages  what checks the packages that are made
#
# It looks at what is installed before it asks for anything: on a machine that
# has it all it needs neither root nor a network. A distribution's Go is nearly
# always older than what go.mod asks for, but can fetch the one that is (go.sh).
set -eu

# For the programs without windows Go is enough; for the windows, a C compiler
# and the headers of X11, Wayland and OpenGL that Fyne's glfw includes. xorg-dev
# stands for the X11 ones (Xcursor, Xi, Xinerama, Xrandr, Xxf86vm, Xext).
build='gcc libc6-dev make pkg-config libgl1-mesa-dev xorg-dev libwayland-dev libxkbcommon-dev ca-certificates'

# A desktop to test on. Its programs need a font and icons to draw with, and the
# windows need an OpenGL that works without a graphics card (libgl1-mesa-dri).
# x11-xkb-utils changes the keyboard's layout; sway is the Wayland desktop, whose
# portal is the real one with a part of ours behind it. gio (libglib2.0-bin),
# gtk-launch (libgtk-3-bin) and Chromium open links and start programs.
desktop='xvfb xauth dbus openbox xfce4-panel xfconf dunst gnome-keyring gcr
 libsecret-tools xdotool xclip x11-xkb-utils sway wl-clipboard fonts-dejavu-core
 adwaita-icon-theme libgl1-mesa-dri libglx-mesa0 shared-mime-info xdg-utils
 desktop-file-utils xdg-desktop-portal libglib2.0-bin libgtk-3-bin'
# Ubuntu has Chromium only as a snap, which tests cannot start on a display of
# their own; there the one test with a browser is skipped.
grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null || desktop="$desktop chromium"

# The windows for Windows take a compiler for it, and installers who makes them.
windows='gcc-mingw-w64-x86-64-win32 binutils-mingw-w64-x86-64 nsis wixl msitools zip'

# The Windows programs are tested in wine (xvfb is its screen), with a library for
# it that the compiler for Windows makes.
wine='wine64'

# The Asterisks to test against are taken from Debian with debootstrap. The
# keyring is what their origin is verified with; Ubuntu does not have it.
pbx='debootstrap debian-archive-keyring'

# Address books are read from slapd and radicale, alone and behind lighttpd, which tests
# start. Nothing else does.
directories='slapd radicale lighttpd'

# strace has a chosen system call fail, or the program end there.
faults='strace'

# ip, with which a test makes networks of its own and cuts them.
network='iproute2'

# What looks for faults in packages, the package managers of other distributions, and the
# shells that completions are for.
packages="debootstrap debian-archive-keyring lintian rpm cpio rpmlint appstream desktop-file-utils
 man-db zstd pacman-package-manager bash-completion zsh fish"

die() {
	echo "deps.sh: $*" >&2
	exit 1
}

# missing prints those of its arguments that are not installed.
missing() {
	for p in "$@"; do
		# A package may be installed under a name that provides this one, as
		# pkgconf provides pkg-config.
		case $(dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null) in
		installed*) ;;
		*) echo "$p" ;;
		esac
	done
}

install_packages() {
	as_root=
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 ||
			die "missing packages: $*. Install them as root: apt-get install $*"
		as_root=sudo
	fi
	echo "deps.sh: installing ${as_root:+with sudo }$*"
	# Nobody answers questions here, and a lock held by the machine's own
	# updates is waited for.
	apt="env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300"
	$as_root $apt update || echo "deps.sh: apt-get update failed; trying with the lists there are" >&2
	$as_root $apt install -y --no-install-recommends "$@" ||
		die "apt-get could not install: $*"
}

root=$(cd "$(dirname "$0")/../.." && pwd)
case ${1-} in
build) want="$build" ;;
windows) want="$build $windows" ;;
test) want="$build $windows $desktop $wine $pbx $network $faults $directories" ;;
packages) want="$build $network $packages" ;;
*)
	echo "usage: packaging/linux/deps.sh build|windows|test|packages" >&2
	exit 2
	;;
esac
# Some Go is needed to fetch another.
[ -x "$("$root/packaging/go.sh")/go" ] || command -v go >/dev/null 2>&1 || want="$want golang-go"
command -v dpkg-query >/dev/null 2>&1 ||
	die "this machine has no dpkg; install the counterparts of these Debian packages yourself: $want"
# shellcheck disable=SC2086 # they are lists of words
todo=$(missing $want)
if [ -n "$todo" ]; then
	# shellcheck disable=SC2086
	install_packages $todo
	# shellcheck disable=SC2086
	todo=$(missing $want)
	[ -z "$todo" ] || die "still missing after the installation: $todo"
fi
"$root/packaging/go.sh" fetch
echo "deps.sh: all that is needed to $1 is there"
