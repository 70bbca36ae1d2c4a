#!/usr/bin/env bash
# Makes the two Asterisks that package asterisktest starts: 16 of Debian
# bullseye and 22 of Debian sid, in folders of the user's cache that are named
# by the list of modules, too. What is there already stays; a run that was interrupted leaves nothing that looks finished.
#
# The packages are fetched and checked by debootstrap, but not installed: only
# the program, the modules named in modules.txt and the libraries these need
# are kept, together with the dynamic loader that can start them on any other
# distribution, as any user.
#
#   CORNETTA_CACHE          where to put them (default: ~/.cache/cornetta)
#   CORNETTA_DEBIAN_MIRROR  where to fetch from (default: debootstrap's own)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${CORNETTA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cornetta}

die() {
	echo "asterisktest: $*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
		return
	fi
	command -v sudo >/dev/null || die "debootstrap must run as root: install sudo or run this as root"
	# sudo drops the environment, and with it the proxy.
	local keep=() name
	for name in http_proxy https_proxy no_proxy; do
		[ -z "${!name:-}" ] || keep+=("$name=${!name}")
	done
	sudo env "${keep[@]}" "$@"
}

need() {
	local missing=() tool
	for tool in debootstrap dpkg-deb flock; do
		command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || missing+=("$tool")
	done
	compgen -G '/usr/share/keyrings/debian-archive-keyring.*' >/dev/null || missing+=(debian-archive-keyring)
	[ ${#missing[@]} = 0 ] ||
		die "missing: ${missing[*]}. On Debian and Ubuntu: apt-get install debootstrap debian-archive-keyring dpkg util-linux"
}

# modules prints the names in modules.txt.
modules() { grep -v '^#' "$here/modules.txt"; }

# needed LOADER PATH FILE... prints the libraries that the files need.
needed() {
	local loader=$1 path=$2 file
	shift 2
	for file; do
		"$loader" --library-path "$path" --list "$file" 2>/dev/null || true
	done | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u
}

# assemble TREE ROOT picks out of the unpacked packages what a run needs.
assemble() {
	local tree=$1 root=$2 loader libs path mods name
	loader=$(find "$tree/usr/lib" -maxdepth 2 -type f \( -name 'ld-linux*.so.*' -o -name 'ld-2.*.so' \) | head -n 1)
	mods=$(dirname "$(find "$tree/usr/lib" -name chan_pjsip.so | head -n 1)")
	libs=$(dirname "$loader")
	path=$libs:$tree/usr/lib

	mkdir -p "$root/lib" "$root/modules" "$root/share"
	cp "$loader" "$root/ld.so"
	cp "$tree/usr/sbin/asterisk" "$root/asterisk"
	for name in $(modules); do
		cp "$mods/$name.so" "$root/modules/"
	done
	# The two that are opened by name at run time and so are in no list.
	for name in "$libs"/libnss_files.so.2 "$libs"/libgcc_s.so.1; do
		[ ! -e "$name" ] || cp -L "$name" "$root/lib/"
	done
	needed "$loader" "$path" "$root/asterisk" "$root"/modules/*.so | while read -r name; do
		cp -L "$name" "$root/lib/"
	done
	# Asterisk reads the types of its own settings from its documentation.
	cp -RL "$tree/usr/share/asterisk/documentation" "$root/share/"
}

# build SUITE NAME [PACKAGE], which has modules that the Asterisk of that suite has apart.
build() {
	local suite=$1 root=$cache/$2 part=$cache/$2.partial deb began=$SECONDS
	if cmp -s "$here/modules.txt" "$root/modules.txt"; then
		echo "asterisktest: $2: there already: $("$root/ld.so" --library-path "$root/lib" "$root/asterisk" -V), $root"
		return
	fi
	need
	[ ! -e "$part" ] || as_root rm -rf "$part"
	mkdir -p "$part/tree/usr/lib" "$part/tree/usr/lib64" "$part/tree/usr/sbin"
	ln -s usr/lib usr/lib64 usr/sbin "$part/tree/"

	as_root env PATH="$PATH:/usr/sbin:/sbin" "$here/../../packaging/patiently.sh" \
		"asterisktest: fetching the Asterisk of Debian $suite (100 MB; it usually takes a minute or two)" \
		debootstrap --force-check-gpg --variant=minbase --include="asterisk${3:+,$3}" --download-only \
		"$suite" "$part/debs" ${CORNETTA_DEBIAN_MIRROR:+"$CORNETTA_DEBIAN_MIRROR"} >"$part/log" || {
		tail -n 20 "$part/log" >&2
		die "debootstrap could not fetch Debian $suite"
	}
	for deb in "$part"/debs/var/cache/apt/archives/*.deb; do
		# A package that has nothing in these folders makes tar complain.
		dpkg-deb --fsys-tarfile "$deb" | tar -x -f - -C "$part/tree" --no-same-owner --keep-directory-symlink \
			--wildcards './lib/*' './lib64/*' './usr/lib/*' './usr/sbin/asterisk' './usr/share/asterisk/*' \
			2>/dev/null || true
	done
	assemble "$part/tree" "$part/root"
	"$part/root/ld.so" --library-path "$part/root/lib" "$part/root/asterisk" -V >"$part/root/version" ||
		die "the Asterisk of Debian $suite does not start here"
	cp "$here/modules.txt" "$part/root/modules.txt"

	rm -rf "$root"
	mv "$part/root" "$root"
	as_root rm -rf "$part"
	echo "asterisktest: $2: $(cat "$root/version"), $(du -sm "$root" | cut -f1) MB, made in $((SECONDS - began)) s, $root"
}

mkdir -p "$cache"
command -v flock >/dev/null || die "missing: flock. On Debian and Ubuntu: apt-get install util-linux"
exec 9>"$cache/asterisk.lock"
flock 9
list=$(sha256sum "$here/modules.txt" | cut -c 1-8)
build bullseye "asterisk-16-$list" asterisk-voicemail
build sid "asterisk-22-$list"
