#!/bin/sh
# Runs a command that may take minutes and prints little, and tells every 20 seconds
# that it goes on.
#
#   packaging/patiently.sh 'WHAT (HOW LONG IT USUALLY TAKES)' COMMAND…
set -eu

what=$1
shift
# Its standard streams are closed for sleep, so that nobody waits for the last one to
# end who reads what this prints.
(
	passed=0
	while sleep 20 </dev/null >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
		passed=$((passed + 20))
		echo "... $what: $passed s so far" >&2
	done
) &
teller=$!
status=0
"$@" || status=$?
kill $teller 2>/dev/null || true
exit $status
