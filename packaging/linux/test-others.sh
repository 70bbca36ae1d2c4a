#!/usr/bin/env bash
# Tries the packages that no Debian installs: each is put into an empty root folder by its
# own package manager, upgraded from an older one and taken away, and leaves nothing there.
# What it depends on is not in that folder, and so cornetta, which needs none, is what runs.
# The archive is unpacked, and installed and uninstalled for one user.
#
#   packaging/linux/test-others.sh OLDER DIST VERSION
#
# OLDER is the folder of the older packages.
set -euo pipefail
older=$(realpath "${1:?the older packages}") dist=$(realpath "${2:?the newer ones}") version=${3:?a version}
[ "$(id -u)" = 0 ] || { echo "test-others.sh: run this as root, as package managers are" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8
failed=()

# one FOLDER PATTERN: the file of that name, of which there has to be one.
one() {
	local files=("$1"/$2)
	[ ${#files[@]} = 1 ] && [ -f "${files[0]}" ] || { echo "there is not one $1/$2" >&2; return 1; }
	echo "${files[0]}"
}

autostart=etc/xdg/autostart/io.cornetta.Cornetta.desktop

# Each is a way to deal with packages in the root folder $root.
rpm_begin() { rpm --root "$root" --initdb; }
rpm_install() { rpm --root "$root" --nodeps --upgrade "$1"; }
rpm_remove() { rpm --root "$root" --nodeps --erase cornetta; }
rpm_knows() { rpm --root "$root" -q cornetta; }
rpm_whole() { rpm --root "$root" --nodeps --noconfig -V cornetta; }
rpm_kept=.rpmnew # how the new form of a file is called that somebody has changed
rpm_left="^/(var/lib/rpm|usr/lib/sysimage|root/\.rpmdb)(/|$)|\.rpmsave$"

pacman() { command pacman --config /dev/null --root "$root" --dbpath "$root/var/lib/pacman" --cachedir "$root/var/cache" --noconfirm "$@"; }
pacman_begin() { mkdir -p "$root/var/lib/pacman" "$root/var/cache"; }
pacman_install() { pacman -Udd "$1"; }
pacman_remove() { pacman -Rdd cornetta; }
pacman_knows() { pacman -Q cornetta; }
pacman_whole() { pacman -Qkk cornetta; }
pacman_kept=.pacnew
pacman_left="^/var/|\.pacsave$"

# life MANAGER PATTERN
life() {
	local manager=$1 before after now
	root=$work/$manager
	mkdir "$root"
	before=$(one "$older" "$2") after=$(one "$dist" "$2")
	"$1_begin"
	"$1_install" "$before"
	[ "$("$root/usr/bin/cornetta" --version)" = "cornetta 0.0.1" ]
	echo "# an administrator's" >>"$root/$autostart"
	"$1_install" "$after"
	now=$("$root/usr/bin/cornetta" --version)
	[ "$now" = "cornetta $version" ] || { echo "what was installed says: $now"; return 1; }
	grep -q "an administrator" "$root/$autostart" || { echo "an upgrade takes what was changed away"; return 1; }
	kept=$1_kept
	# The new form is there where it has changed itself.
	[ ! -e "$root/$autostart${!kept}" ] || rm "$root/$autostart${!kept}"
	rm "$root/$autostart"
	"$1_remove"
	"$1_install" "$after"
	"$1_whole"
	"$1_remove"
	! "$1_knows" || return 1
	left=$1_left
	# Folders that other packages have, too, may stay where a manager has no package for them.
	(cd "$root" && find . -type f -o -name '*ornetta*' | sed 's|^\.||') | { ! grep -vE "${!left}"; }
}

archive() {
	local home=$work/home name=cornetta-$version-linux-$(dpkg --print-architecture)
	mkdir "$home" "$work/unpacked"
	tar -C "$work/unpacked" -xzf "$(one "$dist" "$name.tar.gz")"
	alone() { env -i HOME="$home" PATH=/usr/bin:/bin LANG=C.UTF-8 "$work/unpacked/$name/bin/cornetta" "$@"; }
	[ "$(alone --version)" = "cornetta $version" ]
	[ -x "$work/unpacked/$name/bin/cornetta-ui" ]
	alone install
	grep -rq "Exec=.*$work/unpacked/$name/bin/cornetta" "$home"
	alone uninstall
	# Lists of all programs, and of all types of files, may stay where they do not name it.
	! grep -rl ornetta "$home" || return 1
	! find "$home" -name '*ornetta*' | grep . || return 1
}

# try NAME COMMAND…: what it prints is shown where it failed.
try() {
	local name=$1 status=0
	shift
	set +e # which would not count in a condition
	(
		set -ex
		"$@"
	) >"$work/log" 2>&1
	status=$?
	set -e
	if [ $status = 0 ]; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		cat "$work/log"
		failed+=("$name")
	fi
}
try ".rpm, installed, upgraded and removed by rpm" life rpm 'cornetta-*.rpm'
try ".pkg.tar.zst, the same by pacman" life pacman 'cornetta-*.pkg.tar.zst'
try ".tar.gz, unpacked, installed for one user and uninstalled" archive
[ ${#failed[@]} = 0 ] || exit 1
