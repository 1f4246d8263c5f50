#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# enter.sh - runs a command in a root, as process 1 of what looks like an empty machine
#
# usage: enter.sh ROOT COMMAND..     as root
# The root is entered by pivot_root: a chroot may have no user namespaces.
set -eu

start() {
    root=$1
    mount --bind "$root" "$root"
    shift
    mount -t proc proc "$root/proc"
    mount -t sysfs sysfs "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    cd "$root"
    pivot_root . .
    umount -l .
    cd /tmp
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

if [ "$1" = --start ]; then
    shift
    start "$@"
fi
exec setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --propagation private \
    sh "$0" --start "$@"
