#!/bin/sh
# Installs both programs and all that a desktop wants to know of them, for all users of
# a computer. Called by `make install` and for the packages.
#
#   packaging/linux/install.sh PROGRAMS   the folder with cornetta and cornetta-ui
#
#   DESTDIR     put in front of every path, for packagers
#   PREFIX      /usr/local, where nothing else is said
#   SYSCONFDIR  /etc, below which all desktops look for what they start
#   ZSHDIR      PREFIX/share/zsh/site-functions; Debian has a folder of its own
#   HOMEPAGE    what the metainfo links to
#   SOURCE_DATE_EPOCH  the date in the metainfo (default: now)
set -eu

programs=$(cd "${1:?the folder with the programs}" && pwd)
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
prefix=${PREFIX:-/usr/local}
etc=${SYSCONFDIR:-/etc}
zsh=${ZSHDIR:-$prefix/share/zsh/site-functions}
app=io.cornetta.Cornetta

if [ ! -x "$programs/cornetta" ] || [ ! -x "$programs/cornetta-ui" ]; then
	echo "install.sh: there are no programs in $programs: run make build first" >&2
	exit 1
fi

# put MODE PATH: installs what it is given as standard input.
put() {
	mkdir -p "${DESTDIR-}$(dirname "$2")"
	cat >"${DESTDIR-}$2.new"
	chmod "$1" "${DESTDIR-}$2.new"
	mv -f "${DESTDIR-}$2.new" "${DESTDIR-}$2"
}

# told WHAT [LANGUAGE]: what cornetta says of itself. Settings are not read for it, but
# their folder has a name.
told() { HOME="${HOME:-/}" CORNETTA_LANGUAGE="${2:-en}" "$programs/cornetta" describe "$1" --program "$prefix/bin/cornetta"; }

umask 022
put 755 "$prefix/bin/cornetta" <"$programs/cornetta"
put 755 "$prefix/bin/cornetta-ui" <"$programs/cornetta-ui"

# What is told first is kept, so that a description that fails ends this script.
description=$(mktemp)
trap 'rm -f "$description"' EXIT
describe() {
	told "$1" >"$description"
	put 644 "$2" <"$description"
}
describe bash "$prefix/share/bash-completion/completions/cornetta"
describe zsh "$zsh/_cornetta"
describe fish "$prefix/share/fish/vendor_completions.d/cornetta.fish"
describe entry "$prefix/share/applications/$app.desktop"
describe links "$prefix/share/applications/$app.Links.desktop"
describe mime "$prefix/share/mime/packages/$app.xml"
describe service "$prefix/share/dbus-1/services/$app.service"
describe autostart "$etc/xdg/autostart/$app.desktop"
languages=$(told languages)
for language in $languages; do
	man=$prefix/share/man/$language/man1
	[ "$language" != en ] || man=$prefix/share/man/man1
	for page in man:cornetta man-ui:cornetta-ui; do
		told "${page%:*}" "$language" >"$description"
		gzip -9n <"$description" | put 644 "$man/${page#*:}.1.gz"
	done
done

for icon in assets/icons/*.png; do
	size=$(basename "$icon" .png)
	put 644 "$prefix/share/icons/hicolor/${size}x$size/apps/$app.png" <"$icon"
done
put 644 "$prefix/share/icons/hicolor/scalable/apps/$app.svg" <assets/cornetta.svg

version=$("$programs/cornetta" --version | sed 's/.* //')
sed -e "s|@VERSION@|$version|" -e "s|@DATE@|$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F)|" \
	-e "s|@HOMEPAGE@|${HOMEPAGE:-https://cornetta.invalid}|" packaging/linux/$app.metainfo.xml >"$description"
put 644 "$prefix/share/metainfo/$app.metainfo.xml" <"$description"
for text in README.md CHANGELOG.md ATTACK-SURFACE.md SECURITY.md; do
	put 644 "$prefix/share/doc/cornetta/$text" <$text
done
for file in $(cd docs && find . -name '*.md' -o -name '*.png' | LC_ALL=C sort); do
	put 644 "$prefix/share/doc/cornetta/docs/${file#./}" <"docs/$file"
done
templates=$(mktemp -d)
trap 'rm -rf "$description" "$templates"' EXIT
packaging/templates.sh "$programs/cornetta" "$templates"
for file in $(cd "$templates" && find . -type f | LC_ALL=C sort); do
	put 644 "$prefix/share/doc/cornetta/policies/${file#./}" <"$templates/$file"
done
