#!/usr/bin/env bash
# Makes Cornetta's two installers for Windows of the programs that were built for it:
# cornetta-VERSION-setup.exe for one person and cornetta-VERSION.msi for a whole machine,
# and beside them cornetta-VERSION-policies.zip, the templates for group policies.
# The same programs give the same installers (with the same makensis and wixl).
#
#   packaging/windows/installers.sh PROGRAMS OUT VERSION [quick]
#
# quick leaves the first one uncompressed, for tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

programs=$(realpath "${1:?where the programs are}") version=${3:?a version} quick=${4-}
mkdir -p "${2:?where to}"
out=$(realpath "$2")
numbers=$(echo "$version" | sed -n 's/^\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1.\2.\3/p')
[ -n "$numbers" ] || { echo "installers.sh: a version is like 1.2.3, not '$version'" >&2; exit 1; }
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r CHANGELOG.md +%s)}
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$programs"/cornetta.exe "$programs"/cornetta.com "$programs"/cornetta-ui.exe "$work/"
find docs -name '*.md' -o -name '*.png' | xargs cp --parents -t "$work"
CGO_ENABLED=0 ${GO:-go} build -buildvcs=false -ldflags='-s -w' -o "$work/cornetta" ./cmd/cornetta
packaging/templates.sh "$work/cornetta" "$work/docs/policies"
rm "$work/cornetta"
cp assets/icons/256.png "$work/cornetta.png"
cp assets/cornetta.ico "$work/"
sed 's/$/\r/' LICENSE >"$work/LICENSE.txt" # for Notepad
${GO:-go} build -o "$work/wxs" ./packaging/windows/wxs
"$work/wxs" -labels >"$work/labels.nsh"
find "$work" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

makensis -V2 -NOCD ${quick:+-DQUICK} "-DVERSION=$version" "-DNUMBERS=$numbers.0" "-DFILES=$work" \
	"-DOUT=$out/cornetta-$version-setup.exe" packaging/windows/cornetta.nsi

"$work/wxs" "$version" >"$work/cornetta.wxs"
(cd "$work" && wixl --arch x64 -o cornetta.msi cornetta.wxs)
"$work/wxs" -queries >"$work/queries"
while read -r query; do
	msibuild "$work/cornetta.msi" -q "$query"
done <"$work/queries"
"$work/wxs" -settle "$work/cornetta.msi"
cp "$work/cornetta.msi" "$out/cornetta-$version.msi"

rm -f "$out/cornetta-$version-policies.zip"
(cd "$work/docs/policies" && find . -type f | LC_ALL=C sort | sed 's|^./||' | zip -X -q -@ "$out/cornetta-$version-policies.zip")
