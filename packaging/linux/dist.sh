#!/usr/bin/env bash
# Makes the Linux packages: .deb, .rpm, .pkg.tar.zst and .tar.gz. The same tree gives the
# same bytes, wherever it lies and whoever builds it (with the same Go and C compiler).
#
#   packaging/linux/dist.sh OUT VERSION
#
#   SOURCE_DATE_EPOCH  the time of everything (default: that of the last commit)
#   HOMEPAGE, MAINTAINER  who publishes them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=${1:?where to} version=${2:?a version}
homepage=${HOMEPAGE:-https://cornetta.invalid}
maintainer=${MAINTAINER:-Cornetta contributors <contributors@cornetta.invalid>}
go=${GO:-go}
arch=$("$go" env GOARCH)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC HOMEPAGE=$homepage
umask 022

mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Nothing of where it is built is in the programs.
mkdir "$work/bin"
build() {
	CGO_ENABLED=$1 packaging/patiently.sh "building $2 for the packages ($3)" \
		"$go" build -buildvcs=false -trimpath -ldflags="-s -w -buildid= -X main.version=$version" -o "$work/bin/$2" "./cmd/$2"
}
build 0 cornetta 'seconds, a minute the first time'
build 1 cornetta-ui '5 to 10 minutes the first time, then seconds'
glibc=$(objdump -T "$work/bin/cornetta-ui" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)

# stage NAME [VARIABLE=VALUE]: the files of one kind of package, all of one age.
stage() {
	mkdir "$work/$1"
	env DESTDIR="$work/$1" "${@:2}" packaging/linux/install.sh "$work/bin"
}
aged() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

# Debian has its own places, and papers.
stage deb PREFIX=/usr ZSHDIR=/usr/share/zsh/vendor-completions
doc=$work/deb/usr/share/doc/cornetta
{
	printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Cornetta\n\nFiles: *\nCopyright: 2026 Cornetta contributors\nLicense: Expat\n'
	sed -n '/^Permission/,$p' LICENSE | sed -e 's/^$/./' -e 's/^/ /'
} >"$doc/copyright"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
rm "$doc/CHANGELOG.md"
printf 'cornetta (%s-1) unstable; urgency=medium\n\n  * What changed is in changelog.gz.\n\n -- %s  %s\n' \
	"$version" "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.Debian.gz"
install -D -m 644 packaging/linux/lintian-overrides "$work/deb/usr/share/lintian/overrides/cornetta"

stage rpm PREFIX=/usr
stage archlinux PREFIX=/usr
for packager in rpm archlinux; do
	install -D -m 644 LICENSE "$work/$packager/usr/share/licenses/cornetta/LICENSE"
done

# contents PACKAGER: all files of a stage, as nfpm.yaml has them. Folders are other
# packages', too, but for these two. RPM wants to be told what is documentation.
contents() {
	(cd "$work/$1" && find . -type f -o -type d \( -path './usr/share/doc/cornetta*' -o -path './usr/share/licenses/cornetta' \)) | LC_ALL=C sort |
		while read -r path; do
			path=${path#.}
			if [ -d "$work/$1$path" ]; then
				printf '  - dst: %s\n    type: dir\n    file_info: {mode: 0755}\n' "$path"
				continue
			fi
			printf '  - src: %s\n    dst: %s\n' "$work/$1$path" "$path"
			case $1$path in
			*/etc/*) echo '    type: config|noreplace' ;; # which a person may change
			rpm/usr/share/doc/* | rpm/usr/share/man/*) echo '    type: doc' ;;
			rpm/usr/share/licenses/*) echo '    type: license' ;;
			esac
		done
}

for packager in deb rpm archlinux; do
	aged "$work/$packager"
	contents "$packager" >"$work/contents"
	# Debian marks the paragraphs of a description by a point, and Arch's is one line.
	case $packager in
	deb) description='' ;;
	rpm) description='s/^  \.$//' ;;
	archlinux) description='/^  Type a number/,/contexts\.$/d' ;;
	esac
	sed -e "s|@ARCH@|$arch|" -e "s|@VERSION@|$version|" -e "s|@GLIBC@|$glibc|" \
		-e "s|@MAINTAINER@|$maintainer|" -e "s|@HOMEPAGE@|$homepage|" -e "$description" \
		-e "/@CONTENTS@/{" -e "r $work/contents" -e "d" -e "}" \
		-e "s|@MTIME@|$(date -d "@$SOURCE_DATE_EPOCH" +%FT%TZ)|" packaging/linux/nfpm.yaml >"$work/nfpm.yaml"
	"$go" run github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2 package --config "$work/nfpm.yaml" --packager "$packager" --target "$out" >"$work/log" ||
		{ cat "$work/log" >&2; exit 1; }
done

# For everything else: to be unpacked anywhere, and then `bin/cornetta install`.
name=cornetta-$version-linux-$arch
stage tar PREFIX=/ SYSCONFDIR=/etc
mkdir "$work/$name"
mv "$work/tar/bin" "$work/tar/share" "$work/$name/"
rm -r "$work/$name/share/applications" "$work/$name/share/dbus-1" "$work/$name/share/metainfo"
cp README.md CHANGELOG.md LICENSE "$work/$name/"
aged "$work/$name"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --format=ustar -cf - "$name" | gzip -9n >"$out/$name.tar.gz"
