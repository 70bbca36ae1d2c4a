#!/usr/bin/env bash
# Tries a .deb in Debians of its own, in which nothing else is: it is installed, started,
# used, upgraded from an older one in mid-call, and taken away (TestPackaged in
# cmd/cornetta). A Debian that is too old has to refuse it, and say why.
#
#   packaging/linux/test-packages.sh OLDER.deb NEWER.deb SUITE…
#
# debian.sh says where the Debians are, CORNETTA_ARTEFACTS where screenshots go.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. packaging/linux/debian.sh

older=${1:?the older package} newer=${2:?the newer one}
shift 2
artefacts=${CORNETTA_ARTEFACTS:-$PWD/artefacts}

# The desktop of ui/desktoptest, what the package depends on, and sudo, with which the
# test installs and removes it.
desktop=xvfb,xauth,dbus,openbox,xfce4-panel,xfconf,dunst,gnome-keyring,xdotool,xclip,fonts-dejavu-core,adwaita-icon-theme,libgl1-mesa-dri,shared-mime-info,xdg-utils,desktop-file-utils,libglib2.0-bin,hicolor-icon-theme,man-db,sudo
depends=libgl1,libegl1,libx11-6,libxcursor1,libxext6,libxi6,libxinerama1,libxrandr2,libxrender1,libxkbcommon0,libwayland-client0,libwayland-cursor0,libwayland-egl1

given=$(mktemp -d)
trap 'rm -rf "$given"' EXIT
chmod 755 "$given"
install -m 644 "$older" "$given/older.deb"
install -m 644 "$newer" "$given/newer.deb"
echo 'anna ALL=(ALL) NOPASSWD: ALL' >"$given/sudoers"
CGO_ENABLED=0 "${GO:-go}" test -c -tags="$TAGS,packaged" -o "$given/cornetta.test" ./cmd/cornetta

failed='' passed=0
for suite; do
	began=$SECONDS status=0
	case $suite in
	bullseye)
		make_debian $suite $suite $depends
		in_debian $suite none "$given:/given" sh -c '
			! apt-get -q -y install /given/newer.deb >/tmp/said 2>&1 || exit 1
			grep "libc6 (>= " /tmp/said && [ ! -e /usr/bin/cornetta ]' || status=$?
		;;
	*)
		make_debian "$suite" "$suite" $desktop,$depends
		mkdir -p "$artefacts/packages-$suite"
		chmod 1777 "$artefacts/packages-$suite"
		in_debian "$suite" none "$given:/given $artefacts/packages-$suite:/artefacts" bash -c '
			install -m 440 /given/sudoers /etc/sudoers.d/anna
			exec setpriv --reuid=anna --regid=anna --init-groups env -i -C /home/anna HOME=/home/anna USER=anna \
				PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 CI=true \
				CORNETTA_ARTEFACTS=/artefacts CORNETTA_PROGRAMS=/usr/bin \
				CORNETTA_OLDER=/given/older.deb CORNETTA_NEWER=/given/newer.deb \
				/given/cornetta.test -test.run="^TestPackaged\$" -test.v -test.timeout=10m' || status=$?
		;;
	esac
	if [ $status = 0 ]; then
		passed=$((passed + 1))
		echo "ok: the package in Debian $suite, $((SECONDS - began)) s"
	else
		failed="$failed $suite"
		echo "FAILED: the package in Debian $suite, $((SECONDS - began)) s"
	fi
done
[ -z "$failed" ] || die "failed:$failed"
echo "$passed passed, 0 failed"
