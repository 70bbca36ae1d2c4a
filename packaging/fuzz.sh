#!/usr/bin/env bash
# Fuzzes every target there is, one after the other, each for as long as it is told
# (20s, 2m, …), and fails where an input breaks one. A new target needs no entry:
# targets are the functions whose names begin with Fuzz.
#
#   packaging/fuzz.sh 2m
#
# What the fuzzer finds worth keeping stays in bin/fuzz until `make clean`, so
# that a second run goes on where the first ended; what breaks a target is
# written to its testdata/fuzz, to be committed with the fix.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

time=${1:?how long, for instance 20s}
export GO=${GO:-go}

# one PACKAGE TARGET TIME: the last line of a run that went well, the whole of
# one that did not.
one() {
	local log
	log=$(mktemp)
	mkdir -p "bin/fuzz/$1"
	local status=0
	# One worker that lets others go first, because other tests run beside that wait for
	# something, and none of the engine's minute of minimising each find.
	GOMAXPROCS=1 nice -n 5 "$GO" test -run='^$' -fuzz="^$2\$" -fuzztime="$3" -fuzzminimizetime=1s -parallel=1 "$1" \
		-args -test.fuzzcachedir="$PWD/bin/fuzz/$1" >"$log" 2>&1 || status=$?
	# The engine may take the end of its time for a fault of the target
	# (https://go.dev/issue/75804); then it has no input to show.
	if [ $status -ne 0 ] && grep -q 'context deadline exceeded' "$log" && ! grep -q -e 'Failing input' -e '^panic:' "$log"; then
		status=0
	fi
	if [ $status -ne 0 ]; then
		printf '%s in %s\n' "$2" "$1"
		cat "$log"
	else
		printf '%-16s %-34s %s\n' "$2" "${1#cornetta/}" "$(grep '^fuzz: elapsed' "$log" | tail -1)"
	fi
	rm -f "$log"
	return $status
}
export -f one

# In memory where that is possible: a target that writes files would wait for
# the disk most of the time.
memory=
[ -w /dev/shm ] && memory=/dev/shm
TMPDIR=$(mktemp -d ${memory:+-p "$memory"})
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

# Those of the files that are compiled for this system. Not go test -list, which would link
# every package's tests once more for it.
files=$("$GO" list -f '{{$p := .}}{{range .TestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}
{{end}}{{range .XTestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}
{{end}}' ./...)
targets=$(
	echo "$files" | while read -r p file; do
		sed -n "s|^func \\(Fuzz[A-Za-z0-9_]*\\)(.*|$p \\1|p" "$file"
	done
)
[ -n "$targets" ] || { echo "no targets" >&2; exit 1; }
echo "$targets" | xargs -L1 bash -c 'one "$1" "$2" "$0"' "$time"
