#!/usr/bin/env bash
# Checks the packages that dist.sh has made: by the distributions' own tools, and by the
# shells they have completions for.
#
#   packaging/linux/check-packages.sh DIST VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

dist=$(realpath "${1:?the folder}") version=${2:?a version}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8
failed=()

# check NAME COMMAND…: what it prints is shown where it failed.
check() {
	local name=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		echo "ok: $name"
	else
		echo "FAILED: $name"
		cat "$work/log"
		failed+=("$name")
	fi
}

deb=$(echo "$dist"/cornetta_"$version"*.deb) rpm=$(echo "$dist"/cornetta-"$version"*.rpm)
tree=$work/tree
dpkg-deb -x "$deb" "$tree"
app=io.cornetta.Cornetta

# Whoever unpacks packages to look into them does so as nobody who may write anywhere.
mkdir "$work/given" "$work/nobody"
cp "$deb" "$rpm" packaging/linux/rpmlint.toml "$work/given/"
chmod -R a+rX "$work"
harmless() {
	if [ "$(id -u)" = 0 ]; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/nobody" TMPDIR="$work/nobody" "$@"
	fi
	"$@"
}
[ "$(id -u)" != 0 ] || chown 65534:65534 "$work/nobody"

# The tag left out is for packages that enter Debian itself.
check lintian harmless lintian --fail-on=error,warning --suppress-tags=initial-upload-closes-no-bugs --tag-display-limit=0 "$work/given/$(basename "$deb")"
# nfpm writes absolute names into an .rpm, as rpm itself does not mind. rpmlint has cpio
# unpack it, which would write them where they say.
mkdir "$work/bin"
printf '#!/bin/sh\nexec %s --no-absolute-filenames "$@"\n' "$(command -v cpio)" >"$work/bin/cpio"
chmod -R a+rX "$work/bin"
chmod +x "$work/bin/cpio"
check rpmlint harmless env PATH="$work/bin:$PATH" rpmlint --config "$work/given/rpmlint.toml" "$work/given/$(basename "$rpm")"
check desktop-file-validate desktop-file-validate "$tree/usr/share/applications/$app.desktop" \
	"$tree/usr/share/applications/$app.Links.desktop" "$tree/etc/xdg/autostart/$app.desktop"
check appstreamcli appstreamcli validate --no-net --pedantic --explain "$tree/usr/share/metainfo/$app.metainfo.xml"
check "the same files in each package" packaging/linux/alike.sh "$dist" "$version"
for page in "$tree"/usr/share/man/man1/*.gz "$tree"/usr/share/man/*/man1/*.gz; do
	# shellcheck disable=SC2016
	check "man $(basename "$page" .gz)" bash -c '[ -z "$(man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)" ]' - "$page"
done

# completed SHELL LINE WANT…: what the shell offers after a line has all of these.
completed() {
	local shell=$1 line=$2 got
	shift 2
	case $shell in
	bash) got=$(bash --norc -c 'source "$1"; COMP_WORDS=($2); [ "${2% }" = "$2" ] || COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cornetta; printf "%s\n" "${COMPREPLY[@]}"' - "$tree/usr/share/bash-completion/completions/cornetta" "$line") ;;
	fish) got=$(HOME=$work XDG_CONFIG_HOME=$work fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$tree/usr/share/fish/vendor_completions.d/cornetta.fish" "$line") ;;
	zsh) got=$(HOME=$work zsh -f packaging/linux/complete.zsh "$tree/usr/share/zsh/vendor-completions" "$line") ;;
	esac
	for want; do
		grep -qE -- "^ *$want" <<<"$got" || { printf '%s, after %q there is no %s in:\n%s\n' "$shell" "$line" "$want" "$got"; return 1; }
	done
}
for shell in bash fish zsh; do
	check "$shell completes commands" completed $shell 'cornetta ' account demo dial explain hangup install status uninstall
	check "$shell completes what follows" completed $shell 'cornetta account ' remove set show
	check "$shell completes options" completed $shell 'cornetta account set --' --host --secret-stdin --tls
	check "$shell completes values" completed $shell 'cornetta explain --source ' clipboard link typed
done

[ ${#failed[@]} = 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
