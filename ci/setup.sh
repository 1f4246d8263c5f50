#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# setup.sh - installs the programs and libraries that are missing, after saying which and how
#
# usage: setup.sh [lint|soak|servers|tshark|peers]
#     lint     also what `make lint` and `make fuzz` need, and what tests use where it is there: README's example
#              runs node, and the helpers of ci/helpers the frameworks of their languages
#     soak     also what keeps the machine busy beside `make soak`
#     servers  also what `make servers` needs to get servers
#     tshark   also what `make tshark` compares with
#     peers    also what `make bench` is compared with: pytest and PyMySQL
# Says nothing when nothing is missing. Exit status 3 when something is and cannot be installed.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
missing='' # names of what was not found
packages=''

# need PACKAGE NAME COMMAND..: the package is needed unless the command succeeds
need() {
    package=$1 name=$2
    shift 2
    "$@" >/dev/null 2>&1 && return
    missing="$missing $name"
    case " $packages " in
    *" $package "*) ;;
    *) packages="$packages $package" ;;
    esac
}
program() {
    need "$1" "$2" command -v "$2"
}
# optional PACKAGE PROGRAM: needed only where apt has it
optional() {
    if ! command -v "$2" >/dev/null && apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
    then
        program "$1" "$2"
    fi
}
library() {
    need "$1" "$2" pkg-config --exists "$2"
}
have_compiler() {
    command -v gcc || command -v clang
}
have_client_library() {
    pkg-config --exists mysqlclient || pkg-config --exists libmariadb || command -v mysql_config
}
have_debian_keys() {
    ls /usr/share/keyrings/debian-archive-keyring.*
}
is_debian() {
    grep -qx 'ID="\?debian"\?' /etc/os-release
}
have_mysqli() {
    php --modules | grep -qx mysqli
}
have_go_driver() {
    test -e /usr/share/gocode/src/github.com/go-sql-driver/mysql
}
have_clang_runtime() {
    ls /usr/lib/clang/*/lib/*/libclang_rt.asan*
}

look() {
    missing='' packages=''
    need build-essential gcc have_compiler
    need build-essential libc test -e /usr/include/stdio.h
    program build-essential make
    program pkg-config pkg-config
    library libarchive-dev libarchive
    library libfyaml-dev libfyaml
    library libjansson-dev jansson
    library libmicrohttpd-dev libmicrohttpd
    library libnl-3-dev libnl-3.0
    library libnl-route-3-dev libnl-route-3.0
    library libnl-nf-3-dev libnl-nf-3.0
    library libpcap-dev libpcap
    library libpcre2-dev libpcre2-8
    library libseccomp-dev libseccomp
    library libssl-dev libcrypto
    library libxml2-dev libxml-2.0
    program curl curl
    need default-libmysqlclient-dev libmysqlclient have_client_library
    library check check
    program bubblewrap bwrap
    program iptables iptables
    program dnsmasq-base dnsmasq
    optional user-mode-linux linux.uml # Ubuntu 24.04 has none; its kernel has netem
    program mmdebstrap mmdebstrap
    program python3 python3 # mmdebstrap needs it to leave files out, but only recommends it
    need python3-jsonschema jsonschema python3 -c 'from jsonschema import Draft202012Validator'
    need python3-yaml yaml python3 -c 'import yaml'
    # servers are Debian's, whose keys only Debian's own apt trusts: elsewhere mmdebstrap names them
    # to apt, and finds out by gpg that it must
    need debian-archive-keyring debian-archive-keyring have_debian_keys
    is_debian || program gpg gpg
    [ "$(id -u)" = 0 ] || program uidmap newuidmap
    [ "$1" != soak ] || program stress-ng stress-ng
    [ "$1" != tshark ] || program tshark tshark
    [ "$1" != servers ] || program npm npm
    [ "$1" != peers ] || need python3-pytest pytest /usr/bin/python3 -c 'import pytest'
    [ "$1" != peers ] || need python3-pymysql pymysql /usr/bin/python3 -c 'import pymysql'
    [ "$1" = lint ] || return 0
    program clang clang
    program clang-tidy clang-tidy
    program clang-format clang-format
    program cppcheck cppcheck
    program shellcheck shellcheck
    program strace strace
    program skopeo skopeo
    program umoci umoci
    program docker-registry docker-registry
    need libclang-rt-dev libclang_rt have_clang_runtime
    program llvm llvm-cov
    program nodejs node
    program npm npm
    optional zsh zsh
    optional fish fish
    need python3-pymysql pymysql /usr/bin/python3 -c 'import pymysql'
    need python3-cryptography cryptography /usr/bin/python3 -c 'import cryptography'
    need python3-pytest pytest /usr/bin/python3 -c 'import pytest'
    program phpunit phpunit
    program php-cli php
    need php-mysql mysqli have_mysqli
    # small beside their languages, which take hundreds of megabytes
    ! command -v go >/dev/null || need golang-github-go-sql-driver-mysql-dev go-sql-driver have_go_driver
    ! command -v javac >/dev/null || need junit5 junit5 test -e /usr/share/java/junit-platform-console.jar
}

fail() {
    echo "setup: $*" >&2
    exit 3
}

# Without pkg-config every library looks missing; this leaves what really has to be installed.
drop_installed() {
    wanted=''
    for package in $packages; do
        state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
        [ "$state" = "install ok installed" ] || wanted="$wanted $package"
    done
    packages=$wanted
}

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

group=${1-}
look "$group"
[ "$missing" ] || exit 0
command -v apt-get >/dev/null || fail "missing:$missing. Install them with this system's package \
manager (the libraries with their headers) and try again. Debian's packages:$packages"
drop_installed
[ "$packages" ] || fail "missing although their packages are installed:$missing"

command='apt-get install --no-install-recommends'
as_root=''
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && ! [ -t 0 ]; }; then
        fail "missing:$missing. No rights to install; as root, run: $command$packages"
    fi
    as_root=sudo
fi
how="with apt-get as root${as_root:+ (through sudo)}"

# shellcheck disable=SC2086 # lists of words
known() { apt-cache show --no-all-versions $packages >/dev/null 2>&1; }
update() {
    echo "setup: will get the lists of packages $how"
    apt update
    look "$group"
    drop_installed
}
install() {
    echo "setup: will install $how:$packages"
    # shellcheck disable=SC2086
    apt install --no-install-recommends $packages
}
known || update || true
install || { update && install; } || fail "apt-get failed; by hand: $command$packages"
look "$group"
[ -z "$missing" ] || fail "still missing after the installation:$missing"
