#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# image.sh - makes an OCI image of the last commit, with its Debian package in it; needs no root
#
# usage: image.sh FOLDER [SUITE]     writes FOLDER/goneaway.oci.tar; SUITE: this machine's
# SERVERS: servers that it brings along, as in mysql-9.7,mariadb-10.11, with CONNECTORS (both C libraries);
# they come into FOLDER/image-cache first. Without: a volume at /var/cache/goneaway gets them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. ci/package/root.sh
for program in umoci mmdebstrap; do
    command -v "$program" >/dev/null || { echo "image: missing: $program (sudo apt install $program)" >&2 && exit 3; }
done
begin image "$@"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
deb=$(ci/package/deb.sh "$folder" "$suite")
version=$(basename "$deb" | cut -d _ -f 2)

# How apt treats the mirror's date is this machine's setting, not for later users of the image.
# shellcheck disable=SC2016 # $1 is the root
new_root --format=tar --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="copy-in '$deb' /root" \
    --customize-hook='chroot "$1" sh -c "apt-get -q -y --install-recommends install /root/*.deb"' \
    --customize-hook='rm "$1"/root/*.deb "$1"/etc/apt/apt.conf.d/99mmdebstrap' \
    "$suite" "$work/root.tar"

image=$work/image:localhost/goneaway:latest # the name that `podman load` gives it
umoci init --layout "$work/image"
umoci new --image "$image"
umoci raw add-layer --image "$image" --history.created "$created" --history.comment "Debian $suite, goneaway $version" \
    "$work/root.tar"
if [ "${SERVERS-}" ]; then
    make build
    mkdir "$work/home"
    git archive HEAD fixtures scenarios | tar --extract --directory="$work/home" # as in the package
    GONEAWAY_HOME=$work/home GONEAWAY_CACHE=$folder/image-cache build/goneaway prepare --server "$SERVERS" \
        --connector "${CONNECTORS:-libmysqlclient,mariadb-c}"
    tar --create --format=posix --sort=name --numeric-owner --owner=0 --group=0 --exclude='./tmp-*' \
        --transform='s,^\.,var/cache/goneaway,S' --directory="$folder/image-cache" --file="$work/servers.tar" .
    umoci raw add-layer --image "$image" --history.created "$created" --history.comment "servers: $SERVERS" \
        "$work/servers.tar"
fi
umoci config --image "$image" --created "$created" --no-history --config.workingdir /srv \
    --config.entrypoint goneaway --config.cmd --help --config.env GONEAWAY_CACHE=/var/cache/goneaway \
    --config.label "org.opencontainers.image.version=$version"
tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --numeric-owner --owner=0 --group=0 \
    --directory="$work/image" --file="$folder/goneaway.oci.tar" .
echo "$folder/goneaway.oci.tar"
