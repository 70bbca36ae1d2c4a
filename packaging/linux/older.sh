#!/usr/bin/env bash
# Makes the Linux packages of the version before, to upgrade from: of the last tag, or, as
# long as there is none, of the first commit that could make any.
#
#   packaging/linux/older.sh OUT VERSION [COMMIT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mkdir -p "${1:?where to}"
out=$(realpath "$1") version=${2:?a version}
first=8c41379213603e9a23bfe0f25e7fb9cfcd576164
commit=${3:-$(git describe --tags --abbrev=0 2>/dev/null || echo $first)}
git cat-file -e "$commit^{commit}" 2>/dev/null || {
	echo "older.sh: there is no $commit in this checkout; it takes the whole history (git fetch --unshallow)" >&2
	exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive "$commit" | tar -x -C "$work"
# Packed by today's script, which makes what the first one could not.
cp packaging/linux/dist.sh packaging/linux/nfpm.yaml "$work/packaging/linux/"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit") "$work/packaging/linux/dist.sh" "$out" "$version"
echo "version $version is of $(git log -1 --format='%h, %cs' "$commit")"
