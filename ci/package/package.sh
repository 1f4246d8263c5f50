#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package.sh - tries what `make dist`, `make deb` and `make install` make, as a stranger would
#
# usage: package.sh FOLDER [SUITE]     SUITE: this machine's
# The tarball is the same twice, from another clone too, and has all files of the commit. The package,
# which is made of it without git, is accepted by lintian and installed in a clean root of the release
# with what it recommends; there an ordinary user runs a case, with a server of this cache, or with
# FROM=none one that goneaway gets there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/package/root.sh
begin package "$@"
cache=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}
passed=0
if [ "$(id -u)" != 0 ]; then
    echo 'package: only root can make another machine of a folder' >&2
    exit 3
fi

ok() {
    passed=$((passed + 1))
    echo "ok - $*"
}

same_tarball() {
    git clone --quiet . "$work/clone"
    first=$(ci/package/dist.sh "$work/first")
    second=$(umask 077 && TZ=Asia/Tokyo "$work/clone/ci/package/dist.sh" "$work/second")
    cmp "$first" "$second"
    ok "two clones make the same $(basename "$first")"
    tar tzf "$first" | sed -n 's,[^/]*/\(.*[^/]\)$,\1,p' | grep -vx .version | sort >"$work/packed"
    git ls-files | sort | cmp - "$work/packed"
    ok 'the tarball has the files of the commit'
}

# A root with the package, by README's line (which the apt of a user may ask about), and a user with a
# cache that has one server.
make_root() {
    sed -n '/^## Install/,/^## /s/^    sudo //p' ci/README.md >"$work/install"
    mkdir "$work/build"
    cp "$1" "$work/build"
    # shellcheck disable=SC2016 # $1 is the root
    new_root --mode=root --include=mount,passwd --aptopt='APT::Get::Assume-Yes "true"' \
        --aptopt='APT::Install-Recommends "true"' \
        --customize-hook="copy-in '$work/build' '$work/install' /root" \
        --customize-hook='chroot "$1" sh -euxc "cd /root; . ./install"' \
        --customize-hook='chroot "$1" useradd --create-home stranger' \
        "$suite" "$work/root"
    local home=$work/root/home/stranger
    cp /etc/resolv.conf "$work/root/etc"
    mkdir -p "$home/.cache/goneaway"
    [ "${FROM-}" = none ] ||
        cp -a --reflink=auto "$cache"/mariadb-10.11-* "$cache"/mariadb-c-adapter-* "$home/.cache/goneaway"
    chown -R --reference="$home" "$home/.cache"
}

in_root() {
    ci/package/enter.sh "$work/root" env HOME=/home/stranger "$@"
}

stranger() {
    in_root setpriv --reuid=stranger --regid=stranger --clear-groups "$@"
}

same_tarball
deb=$(ci/package/deb.sh "$folder" "$suite")
ok "lintian accepts $(basename "$deb")"
make_root "$deb"
ok "it installs on $suite"
[ "$(stranger goneaway --version)" = "goneaway $(basename "$first" .tar.gz | sed 's/^goneaway-//')" ]
ok 'it reports the version of the tarball'
stranger goneaway check /usr/share/goneaway/scenarios
ok 'it reads the scenarios'
stranger goneaway run kill-idle@tcp --server mariadb-10.11 --connector mariadb-c
ok 'an ordinary user runs a case'
# shellcheck disable=SC2016 # for the inner shell
stranger bash -c 'source /usr/share/bash-completion/completions/goneaway
    COMP_LINE="goneaway run --server mysql-9" COMP_POINT=29 COMP_WORDS=(goneaway run --server mysql-9) COMP_CWORD=3
    _goneaway && [ "${COMPREPLY[*]}" = mysql-9.7 ]'
ok 'bash completes a line'
in_root dpkg --purge goneaway >"$work/log"
[ ! -e "$work/root/usr/share/goneaway" ]
ok 'it leaves nothing behind'
echo "goneaway: $passed passed, 0 failed, 0 skipped"
