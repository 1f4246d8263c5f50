#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deb.sh - makes a Debian package of the last commit, in a clean root of the release that it is for
#
# usage: deb.sh FOLDER [SUITE]     prints FOLDER/goneaway_VERSION_ARCH.deb; SUITE: this machine's
# The root has nothing but what debian/control asks for, and neither git nor this clone. The
# release's own lintian must accept the package. DEB_BUILD_OPTIONS=nocheck skips the unit tests.
# A package of an earlier commit for the same release is removed; one of this commit is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/package/root.sh
begin deb "$@"
tarball=$(ci/package/dist.sh "$work")
version=$(basename "$tarball" .tar.gz)
version=${version#goneaway-}
made=$folder/deb-$suite.made

if ! grep -qsF "goneaway_$version-" "$made" || ! (cd "$folder" && xargs ls <"$made") >/dev/null; then
    # mmdebstrap's hooks name the root $1, and their files are words of a shell.
    # shellcheck disable=SC2016
    new_root --format=null --include=build-essential,fakeroot,lintian \
        --customize-hook='mkdir "$1/build"' \
        --customize-hook="copy-in '$tarball' ci/package/deb-inside.sh /build" \
        --customize-hook='chroot "$1" /build/deb-inside.sh '"'$version'" \
        --customize-hook="copy-out /build/out '$work'" \
        "$suite" /dev/null
    [ ! -e "$made" ] || (cd "$folder" && xargs rm -f <"$made")
    ls "$work/out" >"$made"
    mv "$work"/out/*.deb "$folder/"
fi
echo "$folder/$(grep '^goneaway_' "$made")"
