#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# podman.sh - runs the image that `make image SERVERS=mariadb-10.11` made, by the lines of ci/README.md, without root
#
# usage: podman.sh IMAGE.oci.tar [USER]     USER: an ordinary user with subordinate ids, if this is root
# podman keeps its files in a folder that is removed afterwards. PODMAN_RUNTIME: runc, where crun does
# not work (hybrid cgroups).
set -euo pipefail
image=$(realpath "$1")
readme=$(realpath "$(dirname "$0")/../README.md")
as=()
if [ "$(id -u)" = 0 ]; then
    user=${2:?an ordinary user}
    as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups)
fi
# not in the build folder, where an ordinary user may not look
home=$(mktemp -d /var/tmp/goneaway-podman-XXXXXX)
podman_home() {
    "${as[@]}" env HOME="$home" XDG_RUNTIME_DIR="$home/run" "$@"
}
cleanup() {
    podman_home podman system reset --force >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap cleanup EXIT
mkdir -p "$home/run" "$home/bin" "$home/here/build" "$home/.config/containers"
cp "$image" "$home/here/build"
printf '[storage]\ndriver = "overlay"\ngraphroot = "%s/data"\nrunroot = "%s/run/storage"\n' \
    "$home" "$home" >"$home/.config/containers/storage.conf"
# the cases have a network of their own and need none of podman's, which takes /dev/net/tun
printf '[containers]\nnetns = "none"\n%s\n' "${PODMAN_RUNTIME:+[engine]
runtime = \"$PODMAN_RUNTIME\"}" >"$home/.config/containers/containers.conf"
chown -R "${user:-$(id -u)}" "$home"
sed -n '/^## As an image/,/^## /s/^    podman /podman /p' "$readme" >"$home/lines"
[ -s "$home/lines" ]
cd "$home/here"
podman_home bash -euxc ". $home/lines"
echo 'goneaway: 1 passed, 0 failed, 0 skipped'
