#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dist.sh - makes a source tarball of the last commit; with the same bytes each time
#
# usage: dist.sh FOLDER     prints FOLDER/goneaway-VERSION.tar.gz
# The version is the commit's tag vX.Y.Z; without one it is the latest tag, or RELEASE in Makefile,
# with the day and the commit. The tarball contains it as .version.
set -eu
cd "$(dirname "$0")/../.."
folder=$1
if ! [ -e .git ]; then
    echo 'dist: a tarball is made from a clone of the repository, and this is none (no .git)' >&2
    exit 3
fi
[ -z "$(git status --porcelain)" ] ||
    echo 'dist: warning: what is not committed is not in the tarball' >&2

if version=$(git describe --tags --exact-match --match 'v[0-9]*' 2>/dev/null); then
    version=${version#v}
else
    latest=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null ||
        sed -n 's/^RELEASE := /v/p' Makefile)
    day=$(TZ=UTC0 git log -1 --format=%cd --date=format-local:%Y%m%d)
    version=${latest#v}+git$day.$(git rev-parse --short=7 HEAD)
fi
mkdir -p "$folder/dist"
printf '%s\n' "$version" >"$folder/dist/.version"
tarball=$folder/goneaway-$version.tar.gz
# uncompressed by git, whose own gzip differs between its versions
git -c tar.umask=0022 archive --format=tar --prefix="goneaway-$version/" \
    --add-file="$folder/dist/.version" HEAD >"$folder/dist/tar"
gzip -9n <"$folder/dist/tar" >"$tarball"
rm -r "$folder/dist"
echo "$tarball"
