#!/bin/sh
# Makes Cornetta.app on a Mac with Go and Xcode's command line tools. Nobody has run it
# yet (see the table in README.md).
#
#   packaging/macos/bundle.sh OUT VERSION
set -eu
out=${1:?where to} version=${2:?a version}
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/../.."

app=$out/Cornetta.app
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$app"
mkdir -p "$app/Contents/MacOS" "$app/Contents/Resources" "$work/cornetta.iconset"
for program in cornetta cornetta-ui; do
	CGO_ENABLED=1 ${GO:-go} build -buildvcs=false -trimpath -tags=no_emoji,no_animations,nethttpomithttp2 -ldflags="-s -w -X main.version=$version" \
		-o "$app/Contents/MacOS/$program" "./cmd/$program"
done
sed "s|@VERSION@|$version|" packaging/macos/Info.plist >"$app/Contents/Info.plist"
plutil -lint "$app/Contents/Info.plist"
for size in 16 32 128 256 512; do
	cp assets/icons/$size.png "$work/cornetta.iconset/icon_${size}x$size.png"
done
for size in 16 32 128 256; do
	cp assets/icons/$((size * 2)).png "$work/cornetta.iconset/icon_${size}x$size@2x.png"
done
iconutil -c icns -o "$app/Contents/Resources/cornetta.icns" "$work/cornetta.iconset"
# Signed for this computer alone, without which Apple's processors run nothing.
codesign --force --deep --sign - "$app"
ditto -c -k --keepParent "$app" "$out/cornetta-$version-macos-$(uname -m).zip"
echo "$app"
