#!/usr/bin/env bash
# Makes everything that `make packages` makes once more: in another folder, by somebody
# else, in another language and time zone. It has to be the same to the byte.
#
#   packaging/check-reproducible.sh DIST VERSION [fresh]
#
# fresh also compiles everything again, Fyne for two systems above all, which takes half
# an hour of two cores; without it what was compiled is taken from Go's cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

dist=$(realpath "${1:?the folder}") version=${2:?a version} fresh=${3-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
elsewhere="$work/a folder/of büro"
mkdir -p "$elsewhere" "$work/home" "$work/cache"
git ls-files -z | xargs -0 cp --parents -t "$elsewhere"

go=${GO:-go}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
GOCACHE=$("$go" env GOCACHE) GOMODCACHE=$("$go" env GOMODCACHE) CORNETTA_CACHE=${CORNETTA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cornetta}
export SOURCE_DATE_EPOCH GOCACHE GOMODCACHE CORNETTA_CACHE
[ -z "$fresh" ] || GOCACHE=$work/cache
(
	umask 077
	cd "$elsewhere"
	HOME=$work/home TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 make --no-print-directory packages VERSION="$version"
)
if ! diff "$dist/SHA256SUMS" "$elsewhere/dist/SHA256SUMS"; then
	echo "check-reproducible.sh: the same tree gave other bytes" >&2
	exit 1
fi
echo "ok: the same bytes, made elsewhere${fresh:+, everything compiled again}: $(wc -l <"$dist/SHA256SUMS") files"
