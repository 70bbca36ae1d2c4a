#!/usr/bin/env bash
# Compares the packages that dist.sh has made: whatever is in the .deb is in the others,
# with the same bytes and modes, but for papers and folders of which each distribution has
# its own; all of it is root's; what a person may change is told to be that.
#
#   packaging/linux/alike.sh DIST VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

dist=$(realpath "${1:?the folder}") version=${2:?a version}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work"/{deb,rpm,arch,archive}
deb=$(echo "$dist"/cornetta_"$version"*.deb) rpm=$(echo "$dist"/cornetta-"$version"*.rpm)
arch=$(echo "$dist"/cornetta-"$version"*.pkg.tar.zst) archive=$(echo "$dist"/cornetta-"$version"-linux-*.tar.gz)
autostart=/etc/xdg/autostart/io.cornetta.Cornetta.desktop

die() {
	echo "alike.sh: $*" >&2
	exit 1
}

dpkg-deb -x "$deb" "$work/deb"
# rpm2cpio would fail where cpio stops to read at the end of the archive.
(cd "$work/rpm" && cpio -idm --quiet --no-absolute-filenames 2>/dev/null < <(rpm2cpio "$rpm"))
tar -C "$work/arch" --zstd -xf "$arch"
mkdir "$work/archive/usr"
tar -C "$work/archive/usr" --strip-components=1 -xzf "$archive"

dpkg-deb -c "$deb" | grep -v ' root/root ' && die "in the .deb there is what is not root's"
[ "$(rpm -qp --qf '[%{FILEUSERNAME}:%{FILEGROUPNAME}\n]' "$rpm" | sort -u)" = root:root ] || die "in the .rpm there is what is not root's"
tar --zstd --numeric-owner -tvf "$arch" | grep -v ' 0/0 ' && die "in the .pkg.tar.zst there is what is not root's"
dpkg-deb -I "$deb" conffiles | grep -qx "$autostart" || die "the .deb does not let $autostart be changed"
[ "$(rpm -qcp "$rpm")" = "$autostart" ] || die "the .rpm does not let $autostart alone be changed"
grep -qx "backup = ${autostart#/}" "$work/arch/.PKGINFO" || die "the .pkg.tar.zst does not let $autostart be changed"
# Folders that many packages have would be no other's any more.
folders=$(rpm -qp --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' "$rpm" | sed -n 's/^d[^ ]* //p' | grep -vE '^/usr/share/(doc|licenses)/cornetta(/|$)' || true)
[ -z "$folders" ] || die "the .rpm has folders of others: $folders"
for field in "pkgname = cornetta" "pkgver = $version-1" "license = MIT" "pkgdesc = Dial through the phone on your desk"; do
	grep -qx "$field *" "$work/arch/.PKGINFO" || die "the .pkg.tar.zst does not say $field: $(cat "$work/arch/.PKGINFO")"
done

# Papers and folders.
same_license() {
	cmp "$1" LICENSE
	rm "$1"
}
(
	cd "$work/deb/usr/share"
	rm -r doc/cornetta/copyright doc/cornetta/changelog.Debian.gz lintian
	gunzip doc/cornetta/changelog.gz
	mv doc/cornetta/changelog doc/cornetta/CHANGELOG.md
	mv zsh/vendor-completions zsh/site-functions
)
rm "$work/arch/.PKGINFO" "$work/arch/.MTREE"
same_license "$work/rpm/usr/share/licenses/cornetta/LICENSE"
same_license "$work/arch/usr/share/licenses/cornetta/LICENSE"
same_license "$work/archive/usr/LICENSE"
for text in README.md CHANGELOG.md; do
	cmp "$work/archive/usr/$text" "$work/archive/usr/share/doc/cornetta/$text"
	rm "$work/archive/usr/$text"
done

# files KIND BUT: one a line, without those of a pattern.
files() { (cd "$work/$1" && find . -type f -printf '%P %m %s\n' | grep -vE "$2" | LC_ALL=C sort); }
names() { (cd "$work/$1" && find . -name '*.gz' | LC_ALL=C sort); }
none='^$'
# What names the program's folder is another where an archive is unpacked, or cornetta
# install writes it there.
unpacked='^(etc|usr/share/(applications|dbus-1|metainfo|man))/'
[ "$(files deb "$none" | wc -l)" -gt 30 ] || die "the .deb has $(files deb "$none" | wc -l) files"
for kind in rpm arch archive; do
	but=$none
	[ $kind != archive ] || but=$unpacked
	diff <(files deb "$but") <(files $kind "$but") || die "the .deb and the $kind differ"
	diff <(names deb) <(names $kind) || die "the .deb and the $kind have other manuals"
	files $kind "$but" | cut -d' ' -f1 | while read -r file; do
		cmp "$work/deb/$file" "$work/$kind/$file"
	done
done
echo "the same $(files deb "$none" | wc -l) files in each"
