#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# completion.sh - completes command lines in each shell that is installed, as its user would
#
# usage: completion.sh PROGRAM     what `PROGRAM completion bash` and the others print is tried
set -euo pipefail
program=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/bin" "$folder/here"
ln -s "$program" "$folder/bin/goneaway"
PATH=$folder/bin:$PATH
cd "$folder/here"
mkdir my-folder
touch my-bug.yml
failed=0 passed=0 skipped=0

# expect SHELL LINE CANDIDATE..: these and no others, in any order, without what a shell has cut off
expect() {
    local shell=$1 line=$2 want got
    shift 2
    want=$(printf '%s\n' "$@" | sort)
    got=$("complete_$shell" "$line" | sort)
    if [ "$got" = "$want" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    printf '%s: "%s" became\n%s\nwanted:\n%s\n' "$shell" "$line" "$got" "$want" >&2
}

# What readline does: it cuts words at COMP_WORDBREAKS, each run of which is a word too.
complete_bash() {
    # shellcheck disable=SC2016 # for the inner shell
    bash --norc -c 'source <(goneaway completion bash)
        COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=()
        IFS=$'\''\n'\'' read -rd "" -a COMP_WORDS < <(grep -oE "[=:@]+|[^ =:@]+" <<<"$1") || :
        [[ $1 != *" " ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _goneaway goneaway
        printf "%s\n" "${COMPREPLY[@]}" | sort -u' bash "$1"
}

complete_fish() {
    # shellcheck disable=SC2016 # for the inner shell
    fish --no-config -c 'goneaway completion fish | source; complete -C $argv[1]' "$1" | cut -f 1
}

# zsh completes only on a terminal; what the line becomes there is the one candidate.
cat >"$folder/try.zsh" <<'EOF'
zmodload zsh/zpty
zpty shell "exec env TERM=dumb COLUMNS=500 zsh -f -i"
zpty -w shell "autoload -U compinit; compinit -D -u; source <(goneaway completion zsh)
try() { zle complete-word; print -r -- \"\$BUFFER\" >$1/line.new; mv $1/line.new $1/line }
zle -N try; bindkey '^X' try; print -r -- 're''ady'"
zpty -r shell said '*ready*'
zpty -w -n shell "$2"$'\x18'
for ((i = 0; i < 200; i++)); do [[ -e $1/line ]] && break; sleep 0.05; done
zpty -d shell
EOF
complete_zsh() {
    timeout 30 zsh -f "$folder/try.zsh" "$folder" "$1"
    sed 's/ *$//; s/.* //' "$folder/line"
    rm -f "$folder/line"
}

for shell in bash zsh fish; do
    if ! command -v "$shell" >/dev/null; then
        echo "skipped: completion for $shell: not installed"
        skipped=$((skipped + 1))
        continue
    fi
    goneaway completion "$shell" >"$folder/script"
    "$shell" -n "$folder/script"
    expect "$shell" 'goneaway exp' explain
    expect "$shell" 'goneaway run --ser' --server
    expect "$shell" 'goneaway run --server mysql-9' mysql-9.7
    expect "$shell" 'goneaway run --transport tcp,so' tcp,socket
    expect "$shell" 'goneaway run my-b' my-bug.yml
    expect "$shell" 'goneaway explain CR_SERVER_GO' CR_SERVER_GONE_ERROR
done
# bash replaces only what follows its last word break, and adds the slash of a folder later
expect bash 'goneaway run my' my-bug.yml my-folder
expect bash 'goneaway run --server mariadb-' mariadb-10.11 mariadb-10.5 mariadb-11.8 mariadb-11.8-sid
expect bash 'goneaway run kill-idle@s' socket
expect bash 'goneaway run --server=mysql-9' mysql-9.7
expect bash 'goneaway run --report=json=my-b' my-bug.yml
for shell in zsh fish; do
    command -v "$shell" >/dev/null || continue
    expect "$shell" 'goneaway run kill-idle@s' kill-idle@socket
    expect "$shell" 'goneaway run --server=mysql-9' --server=mysql-9.7
    expect "$shell" 'goneaway run --report=json=my-b' --report=json=my-bug.yml
done
echo "goneaway: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
