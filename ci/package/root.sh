# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# root.sh - how these scripts begin, and clean roots of Debian's releases; they read this by `.`

# this_suite: the release of this machine
this_suite() {
    # shellcheck disable=SC1091
    (. /etc/os-release && echo "$VERSION_CODENAME")
}

# begin NAME FOLDER [SUITE]: makes FOLDER and sets `folder`, its whole path, `suite` (this machine's), and `work`, a new
# folder in there that goes when the script ends
begin() {
    mkdir -p "$2"
    folder=$(realpath "$2")
    # shellcheck disable=SC2034 # for the script
    suite=${3:-$(this_suite)}
    work=$(mktemp -d "$folder/$1-XXXXXX")
    trap 'rm -rf "$work"' EXIT
}

# new_root OPTION.. SUITE TARGET: calls mmdebstrap, with this machine's apt configuration as to whether
# the mirror's date counts; what it says is shown only if it fails
new_root() {
    root_log=$(mktemp)
    set -- --variant=apt --aptopt='Acquire::Retries "3"' "$@"
    if apt-config dump Acquire::Check-Valid-Until | grep -q '"false"'; then
        set -- --aptopt='Acquire::Check-Valid-Until "false"' "$@"
    fi
    root_status=0
    mmdebstrap --quiet "$@" >"$root_log" 2>&1 || root_status=$?
    [ "$root_status" = 0 ] || tail -n 60 "$root_log" >&2
    rm -f "$root_log"
    return "$root_status"
}
