# Debians in folders of the user's cache, for tests that change a whole computer; to be
# sourced by bash. A Debian is made once, and what runs in it runs in a copy that is gone
# afterwards, with all that was started there.
#
#   CORNETTA_CACHE          where to put them (default: ~/.cache/cornetta)
#   CORNETTA_DEBIAN_MIRROR  where to fetch from (default: debootstrap's own)

debians=${CORNETTA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cornetta}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}
[ "$(id -u)" = 0 ] || die "run this as root: it makes a Debian, and changes its root folder into it"

# unpack_debian SUITE FOLDER PACKAGES. The packages are left to apt, which debootstrap is
# not: it overlooks what is provided under another name. policy-rc.d: no services.
unpack_debian() (
	set -e
	PATH=$PATH:/usr/sbin:/sbin
	export LC_ALL=C DEBIAN_FRONTEND=noninteractive
	debootstrap --force-check-gpg --variant=minbase "$1" "$2" ${CORNETTA_DEBIAN_MIRROR:+"$CORNETTA_DEBIAN_MIRROR"}
	[ -n "$3" ] || exit 0
	cp /etc/resolv.conf "$2/etc/"
	printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d"
	chmod +x "$2/usr/sbin/policy-rc.d"
	# shellcheck disable=SC2016 # they are for the inner shell
	unshare --mount sh -ec 'mount -t proc proc "$1/proc"; chroot "$1" apt-get -q update
		exec chroot "$1" apt-get -q -y --no-install-recommends install $(echo "$2" | tr , " ")' - "$2" "$3"
)

# make_debian NAME SUITE PACKAGES: with these packages and a user anna.
make_debian() {
	local root=$debians/debian-$1 suite=$2 include=$3 part=$debians/debian-$1.partial began=$SECONDS
	if [ "$(cat "$root.made" 2>/dev/null)" = "$suite $include" ]; then
		return
	fi
	rm -rf "$part" "$root" "$root.made"
	mkdir -p "$part"
	# A plain sh between, as patiently.sh has it, hands no functions on.
	packaging/patiently.sh "making a Debian $suite (some minutes, once)" \
		bash -c "$(declare -f unpack_debian); unpack_debian \"\$@\"" - "$suite" "$part" "$include" >"$part.log" || {
		tail -n 20 "$part.log" >&2
		die "Debian $suite could not be made"
	}
	rm -rf "$part.log" "$part"/var/cache/apt/archives/*.deb
	chroot "$part" useradd --create-home --shell /bin/bash anna
	mv "$part" "$root"
	echo "$suite $include" >"$root.made"
	echo "Debian $suite: $(du -sm "$root" | cut -f1) MB, made in $((SECONDS - began)) s, $root"
}

# in_debian NAME NETWORK FOLDERS COMMAND…: NETWORK is none, or host for that of this
# computer. FOLDERS are pairs outside:inside, which both see.
in_debian() {
	local name=$1 net=--net scratch status=0
	[ "$2" = none ] || net=
	scratch=$(mktemp -d)
	# shellcheck disable=SC2016,SC2086 # they are for the inner shell; an option or none
	unshare --mount --pid $net --fork --kill-child bash -euc '
		lower=$1 scratch=$2 net=$3 folders=$4; shift 4
		mount -t tmpfs none "$scratch"
		mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
		mount -t overlay overlay -o "lowerdir=$lower,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
		cd "$scratch/root"
		mount -t proc proc proc
		mount -t tmpfs none dev -o mode=755
		for device in null zero full random urandom tty; do
			touch dev/$device
			mount --bind /dev/$device dev/$device
		done
		mkdir dev/pts dev/shm
		mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666,mode=620
		ln -s pts/ptmx dev/ptmx
		ln -s /proc/self/fd dev/fd
		mount -t tmpfs none dev/shm -o mode=1777
		for folder in $folders; do
			mkdir -p "./${folder#*:}"
			mount --bind "${folder%%:*}" "./${folder#*:}"
		done
		if [ "$net" = none ]; then ip link set lo up; else cp /etc/resolv.conf etc/; fi
		echo "127.0.0.1 localhost $(hostname)" >etc/hosts
		# Not in place of this shell, which takes note of the end of orphans.
		chroot . "$@" && exit || exit $?
	' - "$debians/debian-$name" "$scratch" "$2" "$3" "${@:4}" || status=$?
	rmdir "$scratch"
	return $status
}
