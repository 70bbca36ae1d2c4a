#!/bin/sh
# Makes what Windows shows of the programs (icon, version) and what they ask of it
# (manifest) into an object that go build links by itself, for Windows only, because of
# its name.
#
#   packaging/windows/resources.sh VERSION
set -eu
cd "$(dirname "$0")/../.."

version=${1:?a version}
# Windows' own form of a version is four numbers.
numbers=$(echo "$version" | sed -n 's/^\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*/\1,\2,\3,0/p')
[ -n "$numbers" ] || { echo "resources.sh: a version is like 1.2.3, not '$version'" >&2; exit 1; }

# resources NAME DESCRIPTION
resources() {
	object=cmd/$1/resource_windows_amd64.syso
	sed -e "s|@NUMBERS@|$numbers|" -e "s|@VERSION@|$version|" -e "s|@NAME@|$1|" -e "s|@DESCRIPTION@|$2|" \
		packaging/windows/cornetta.rc | x86_64-w64-mingw32-windres -I . -O coff -o "$object.new"
	# What is the same is not new: nothing is linked again for it.
	if cmp -s "$object.new" "$object"; then rm "$object.new"; else mv "$object.new" "$object"; fi
}
# The Task Manager shows the description as the program's name.
resources cornetta Cornetta
resources cornetta-ui "Cornetta's windows"
