#!/usr/bin/env bash
# Prints the packages of one kind, one a line, by what they and their tests
# import. The Makefile tests and checks each kind in its own way, and a new
# package finds its place by itself.
#
#   packaging/packages.sh unit      none of the next five
#   packaging/packages.sh pure      … and no goroutine is started in them, their tests, or
#                                   what they import of ours: tested without -race, which
#                                   has nothing to find and takes ten times as long
#   packaging/packages.sh desktop   their tests start a desktop
#   packaging/packages.sh programs  … and the programs, which are built without
#                                   -race: it would find nothing, and slow down
#                                   the looking at the screen
#   packaging/packages.sh windows   they use Fyne, whether on a desktop or not;
#                                   tested without -race, which would compile
#                                   Fyne and its C a second time
#   packaging/packages.sh wine-screen  they start a desktop and, on it, the programs for
#                                   Windows
#   packaging/packages.sh wine      those of portable for Windows that have tests and, with
#                                   them, anything to do with a system: files, processes,
#                                   networks. Each has a Windows of its own started
#   packaging/packages.sh installers  the one that tries the installers for Windows
#   packaging/packages.sh portable  what compiles without C for GOOS; Fyne never
#                                   does, the tray does not on macOS
set -euo pipefail

kind=${1-}
case $kind in
unit | pure | desktop | programs | windows | wine-screen | portable) ;;
installers)
	echo cornetta/packaging/windows/installers
	exit
	;;
wine)
	export GOOS=windows
	;;
*)
	echo "usage: packaging/packages.sh unit|pure|desktop|programs|windows|wine|wine-screen|installers|portable" >&2
	exit 2
	;;
esac
if [ "$kind" = portable ] || [ "$kind" = wine ]; then
	# -e: the packages that do not compile are just the ones to find.
	export CGO_ENABLED=0
	set -- -e
else
	set --
fi

# What starts goroutines: "test:" and a package where only its tests do.
starts=$(grep -rlE --include='*.go' '^[[:space:]]*(defer )?go (func|[A-Za-z_.]+)\(|\.Go\(|AfterFunc\(|\.Parallel\(\)' . |
	sed -E 's|^\./(.*)/[^/]*_test\.go$|test:cornetta/\1|; s|^\./(.*)/[^/]*$|cornetta/\1|' | sort -u)

# What has anything to do with a system, itself or its tests.
systems=$(
	{
		grep -rlE --include='*.go' '^[[:space:]]*([A-Za-z_.]+ )?"(os|net|syscall|embed|runtime|io/fs|path/filepath|(os|net|crypto|golang\.org/x/sys)/[a-z0-9/]+)"' .
		find . -name '*_windows*.go'
	} | sed -E 's|^\./(.*)/[^/]*$|cornetta/\1|' | sort -u
)

# A package's tests are listed beside it as "path.test", "path_test [path.test]"
# and "path [path.test]", each with its own imports.
"${GO:-go}" list "$@" -test -f '{{.ImportPath}} {{join .Deps " "}}' ./... |
	awk -v kind="$kind" -v os="${GOOS:-$("${GO:-go}" env GOOS)}" -v starts="${starts//$'\n'/ }" -v systems="${systems//$'\n'/ }" '
	BEGIN { n = split(starts, list, " "); for (i = 1; i <= n; i++) starting[list[i]] = 1
		n = split(systems, list, " "); for (i = 1; i <= n; i++) system_[list[i]] = 1 }
	{
		package = $1
		if (package ~ /\.test$/) tested[substr(package, 1, length(package) - 5)] = 1
		sub(/(_test|\.test)$/, "", package)
		seen[package] = 1
		if (package in starting || ("test:" package) in starting) busy[package] = 1
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^fyne\.io\/fyne\/v2(\/|$)/) fyne[package] = 1
			if ($i == "fyne.io/systray") tray[package] = 1
			if ($i == "cornetta/ui/desktoptest") desktop[package] = 1
			if ($i in starting) busy[package] = 1
		}
	}
	END {
		for (p in seen) {
			if (kind == "portable" || kind == "wine")
				fits = !(p in fyne) && !(os == "darwin" && p in tray) && (kind != "wine" || p in tested && p in system_)
			else if (p in fyne)
				fits = kind == "windows"
			else if (p in desktop)
				fits = kind == (p ~ /\/cmd\// ? "programs" : p ~ /\/packaging\/windows\// ? "wine-screen" : "desktop")
			else
				fits = kind == (p in busy || !(p in tested) ? "unit" : "pure")
			if (fits) print p
		}
	}' | sort
