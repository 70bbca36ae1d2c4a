#!/usr/bin/env bash
# Tries the README's first command on computers that have nothing yet, no Go above all:
# `make demo` has to install what it lacks, fetch the Go of go.mod, build both programs
# and start them.
#
#   packaging/linux/test-bare.sh SUITE…
#
# What the environment says of registries and proxies counts in there, too, and whom this
# computer trusts: a network may have a proxy that everything passes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. packaging/linux/debian.sh

given=$(mktemp -d)
trap 'rm -rf "$given"' EXIT
git ls-files -z | xargs -0 cp --parents -t "$given"

for suite; do
	began=$SECONDS
	make_debian "bare-$suite" "$suite" ''
	cp -r "$given" "$given.$suite" # what is built stays out of the next one
	trap 'rm -rf "$given" "$given".*' EXIT
	mkdir "$given.$suite/trusted"
	cp /etc/ssl/certs/ca-certificates.crt "$given.$suite/trusted/"
	in_debian "bare-$suite" host "$given.$suite:/cornetta" bash -euc '
		! command -v go || exit 1
		apt-get -q update
		DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends make
		cd /cornetta
		# What the make outside has found is not there in here.
		unset GO MAKEFLAGS MFLAGS MAKELEVEL
		unset GOFLAGS GOTOOLCHAIN GOROOT GOENV XDG_CACHE_HOME XDG_RUNTIME_DIR
		export SSL_CERT_FILE=/cornetta/trusted/ca-certificates.crt HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
		make demo >/tmp/said 2>&1 </dev/null &
		demo=$!
		tail -n +1 -f --pid=$demo /tmp/said &
		while kill -0 $demo 2>/dev/null && ! grep -q "^Extensions:" /tmp/said; do sleep 1; done
		ls -l bin
		bin/cornetta --version
		grep -q "^Extensions:" /tmp/said' || die "make demo does not run on Debian $suite"
	echo "ok: make demo on a bare Debian $suite, $((SECONDS - began)) s"
done
