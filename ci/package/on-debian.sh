#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# on-debian.sh - README's `make run` on another Debian or Ubuntu: in a new root, by an ordinary user
#
# usage: on-debian.sh SUITE     (`make on-debian SUITE=trixie` calls this), as root
# SERVERS: which servers (mariadb-10.11)
# SCENARIOS: which scenarios (headline, and one whose proxy has to be installed in there)
# FROM: a cache whose servers' roots are copied, so that they need not be fetched again (this
#       machine's); FROM=none: there is none
# MIRROR: where the root comes from, as mmdebstrap takes it (it knows Debian's and Ubuntu's)
# COMMAND: what to do there instead of `make run`, PACKAGES: what it takes that setup does not install
# The root has what a minimal installation has, make, and a sudo that asks for no password. Servers
# are always initialised, and adapters built, in there.
set -eu
cd "$(dirname "$0")/../.."
. ci/package/root.sh
servers=${SERVERS-mariadb-10.11}
scenarios=${SCENARIOS-headline proxy-restart/haproxy-kill@tcp}
from=${FROM-${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}}

inside() {
    ci/package/enter.sh "$root" "$@"
}

make_root() {
    new_root --mode=root --format=directory --variant=minbase \
        --include="apt,mount,passwd,make,sudo${PACKAGES:+,$PACKAGES}" \
        --dpkgopt='path-exclude=/usr/share/man/*' "$1" "$root" ${MIRROR:+"$MIRROR"}
    echo "127.0.0.1 localhost $(uname -n)" >"$root/etc/hosts" # sudo looks its host's name up
    inside useradd --create-home --shell /bin/sh tester
    echo 'tester ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/tester"
}

# The tree as git knows it, with what is not committed yet; without git: all but what was built
copy_tree() {
    mkdir "$home/goneaway"
    if git rev-parse --git-dir >/dev/null 2>&1; then
        git ls-files -z | tar --create --null --files-from=-
    else
        tar --create --exclude=./build .
    fi | tar --extract --no-same-owner --directory="$home/goneaway"
}

copy_cache() {
    to=$home/.cache/goneaway
    mkdir -p "$to"
    for entry in "$from"/mysql-9.7-root-* "$from"/mariadb-10.11-root-*; do
        [ ! -e "$entry" ] || cp -a --reflink=auto "$entry" "$to"
    done
}

suite=$1
if [ "$(id -u)" != 0 ]; then
    echo 'on-debian.sh: only root can make another machine of a folder' >&2
    exit 3
fi
root=$(mktemp -d -p "${TMPDIR:-/var/tmp}" goneaway-debian-XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$root"
home=$root/home/tester
started=$(date +%s)
make_root "$suite"
copy_tree
[ "$from" = none ] || copy_cache
chown -R --reference="$home" "$home"
echo "a root of $suite, after $(($(date +%s) - started)) s"
if [ "${COMMAND-}" ]; then
    inside runuser -u tester -- env HOME=/home/tester sh -c "cd /home/tester/goneaway && $COMMAND"
else
    inside runuser -u tester -- env HOME=/home/tester make -C /home/tester/goneaway run \
        SCENARIOS="$scenarios" OPTIONS="--server $servers --jobs $(($(nproc) * 4))"
fi
echo "done on $suite after $(($(date +%s) - started)) s"
