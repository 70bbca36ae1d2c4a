#!/bin/sh
# Lists what was made of a version: sizes on standard output, and sums in SHA256SUMS.
#
#   packaging/sums.sh DIST VERSION
set -eu
cd "${1:?the folder}"
version=${2:?a version}
export LC_ALL=C
sha256sum cornetta[-_]"$version"* >SHA256SUMS
du -h --apparent-size cornetta[-_]"$version"*
