# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# completion.bash - bash completion for goneaway; `goneaway completion bash` prints it

# Adds what bash itself knows by `compgen -f` and the like; to be called by _goneaway.
_goneaway_add() {
    local path part=${typed##*[=,]}
    compopt -o filenames 2>/dev/null
    while IFS= read -r path; do
        path=${typed%"$part"}$path
        COMPREPLY+=("${path#"$before"}")
    done < <(compgen "$1" -- "$part")
}

# What is typed is taken from the line, because bash cuts its words at = and : and, if it
# completes host names, at @; what it has cut off is taken from the candidates again.
_goneaway() {
    local line=${COMP_LINE:0:COMP_POINT} before word rest
    local -a words
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    local typed=${words[${#words[@]} - 1]} cut=${COMP_WORDS[COMP_CWORD]}
    [[ $cut == [=:@] ]] && cut=
    before=${typed%"$cut"}
    COMPREPLY=()
    while IFS=$'\t' read -r word rest; do
        case $word in
        :files) _goneaway_add -f ;;
        :folders) _goneaway_add -d ;;
        :commands) _goneaway_add -c ;;
        *=) compopt -o nospace 2>/dev/null ;;&
        *) COMPREPLY+=("${word#"$before"}") ;;
        esac
    done < <("${words[0]}" completion words -- "${words[@]:1}" 2>/dev/null)
}
complete -F _goneaway goneaway
