#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deb-inside.sh - run by deb.sh, as root of a clean root: builds the package of a tarball beside it
#
# usage: deb-inside.sh VERSION     leaves what was built in out/ beside it
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
cd "$(dirname "$0")"
version=$1
options=--build=binary
case ${DEB_BUILD_OPTIONS-} in *nocheck*) options="$options --build-profiles=nocheck" ;; esac

# Packages for different releases differ, and a later release has the later one.
# shellcheck disable=SC1091
. /etc/os-release
case $ID${VERSION_ID-} in
debian[0-9]*) revision=1~deb$VERSION_ID ;;
*[0-9]) revision=1~$ID$VERSION_ID ;;
*) revision=1~sid ;;
esac

tar xzf "goneaway-$version.tar.gz"
mv "goneaway-$version.tar.gz" "goneaway_$version.orig.tar.gz"
cd "goneaway-$version"
cp -R ci/package/debian debian
cat >debian/changelog <<EOF
goneaway ($version-$revision) unstable; urgency=medium

  * Built from the source tarball of this version.

 -- $(sed -n 's/^Maintainer: //p' debian/control)  $(TZ=UTC0 date -R -r .version)
EOF
# shellcheck disable=SC2086 # words
apt-get -q -y --no-install-recommends ${options#--build=binary} build-dep .
chown -R nobody: ..
# shellcheck disable=SC2086
setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/nonexistent \
    dpkg-buildpackage --no-sign $options
cd ..
lintian --allow-root --info --pedantic --fail-on=pedantic,info,warning,error ./*.changes
mkdir out
mv ./*.deb out/
