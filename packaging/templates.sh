#!/bin/sh
# Writes the templates of a group policy, as Windows wants them in PolicyDefinitions:
# Cornetta.admx, and Cornetta.adml in a folder for each language. The program knows them.
#
#   packaging/templates.sh CORNETTA OUT
set -eu
cornetta=${1:?the program} out=${2:?the folder}

# Settings are not read for it, but their folder has a name.
told() { HOME="${HOME:-/}" CORNETTA_LANGUAGE="$2" "$cornetta" describe "$1"; }

umask 022
mkdir -p "$out"
told admx en >"$out/Cornetta.admx"
for language in $(told languages en); do
	# Windows names a country, too; it looks for English in en-US where it has no other.
	case $language in
	en) folder=en-US ;;
	*) folder=$language-$(echo "$language" | tr '[:lower:]' '[:upper:]') ;;
	esac
	mkdir -p "$out/$folder"
	told adml "$language" >"$out/$folder/Cornetta.adml"
done
