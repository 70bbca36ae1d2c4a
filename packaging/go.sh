#!/bin/sh
# The Go that Cornetta is built with: the one that is installed where it is new enough
# for go.mod, else one of the version that go.mod names, in the user's cache.
#
#   packaging/go.sh         prints the folder of its go command, which may not be there yet
#   packaging/go.sh fetch   fetches it where it is not
#
# It is fetched by any Go, however old, as the module golang.org/toolchain, from where
# that Go has its modules from (GOPROXY), and checked as they are (GOSUMDB).
#
#   CORNETTA_CACHE   where to put it (default: ~/.cache/cornetta)
set -eu

die() {
	echo "go.sh: $*" >&2
	exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
cache=${CORNETTA_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/cornetta}
want=$(sed -n 's/^go \([0-9.]*\).*/\1/p' "$root/go.mod")
own=$cache/go$want

# enough tells whether the go command that is installed will do. GOTOOLCHAIN: it is not
# to fetch another one for this. Elsewhere than here, because an old one does not
# understand our go.mod.
enough() {
	command -v go >/dev/null 2>&1 || return 1
	have=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
	[ "$(printf '%s\n%s\n' "$want" "$have" | sort -V | head -n 1)" = "$want" ]
}

fetch() {
	! enough || return 0
	[ ! -x "$own/bin/go" ] || return 0
	command -v go >/dev/null 2>&1 ||
		die "there is no go command to fetch Go $want with. Install Go, of any version (Debian and Ubuntu: apt-get install golang-go)."
	part=$own.partial.$$
	trap 'rm -rf "$part"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -p "$part/empty"
	echo 'module empty' >"$part/empty/go.mod"
	system=$(cd / && GOTOOLCHAIN=local go env GOHOSTOS)-$(cd / && GOTOOLCHAIN=local go env GOHOSTARCH)
	(
		cd "$part/empty"
		GOTOOLCHAIN=local GO111MODULE=on GOFLAGS=-modcacherw GOMODCACHE=$part/modules \
			"$root/packaging/patiently.sh" "fetching Go $want (up to two minutes, once)" \
			go mod download "golang.org/toolchain@v0.0.1-go$want.$system"
	) || die "Go $want could not be fetched. Install it from go.dev (Downloads), or check GOPROXY."
	got=$part/modules/golang.org/toolchain@v0.0.1-go$want.$system
	# What a module cannot hold is made good, as a newer Go does for itself: the bits
	# by which programs are run, and go.mod files of its own.
	chmod +x "$got"/bin/* "$got"/pkg/tool/*/*
	find "$got/src" -name _go.mod | while read -r file; do
		cp "$file" "${file%_go.mod}go.mod"
	done
	# Another run may have been faster.
	[ -x "$own/bin/go" ] || { rm -rf "$own" && mv "$got" "$own"; }
	echo "go.sh: $("$own/bin/go" version), $own" >&2
}

case ${1-} in
'')
	if enough; then
		dirname "$(command -v go)"
	else
		echo "$own/bin"
	fi
	;;
fetch) fetch ;;
*)
	echo "usage: packaging/go.sh [fetch]" >&2
	exit 2
	;;
esac
