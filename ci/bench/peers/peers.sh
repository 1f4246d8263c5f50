#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# peers.sh - runs the seven headline failures by hand, in a network namespace of their own
#
# usage: peers.sh cached|docker     PEER_IMAGE: what docker runs (default: mysql:9)
# Says on standard error why it cannot, and ends with status 77.
set -eu
folder=$(dirname "$0")
cannot() {
    echo "$1" >&2
    exit 77
}
python=/usr/bin/python3 # whose modules are Debian's
"$python" -c 'import pytest, pymysql' 2>/dev/null ||
    cannot 'pytest or PyMySQL is missing (packages python3-pytest, python3-pymysql)'
PEER_CACHE=${GONEAWAY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/goneaway}
export PEER_CACHE
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
case ${1:-cached} in
cached)
    unset PEER_IMAGE
    set -- unshare --map-root-user --net --mount sh -c 'ip link set lo up && exec "$@"' sh
    "$@" true 2>/dev/null || cannot 'user namespaces are refused here'
    ;;
docker)
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1 || cannot 'there is no docker engine here'
    PEER_IMAGE=${PEER_IMAGE:-mysql:9}
    export PEER_IMAGE
    docker image inspect "$PEER_IMAGE" >/dev/null 2>&1 ||
        cannot "docker has no image $PEER_IMAGE; \`docker pull\` it first, or name another in PEER_IMAGE"
    set --
    ;;
esac
exec "$@" "$python" -m pytest -q -p no:cacheprovider "$folder/test_seven.py"
