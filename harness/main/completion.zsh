#compdef goneaway
# SPDX-License-Identifier: Apache-2.0
# completion.zsh - zsh completion for goneaway; `goneaway completion zsh` prints it

_goneaway() {
    local line ask
    local -a whole open
    for line in "${(@f)$(${(Q)~words[1]} completion words -- \
        "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        case $line in
        '') ;;
        :*) ask=$line ;;
        *=|*=$'\t'*) open+=("${${line//:/\\:}/$'\t'/:}") ;;
        *) whole+=("${${line//:/\\:}/$'\t'/:}") ;;
        esac
    done
    _describe goneaway whole -- open -S ''
    [[ $ask ]] && compset -P '*[=,]'
    case $ask in
    :files) _files ;;
    :folders) _files -/ ;;
    :commands) _command_names ;;
    esac
}

# Loaded by compinit it is the body of the function itself, else it is read by the shell.
if [[ $funcstack[1] == _goneaway ]]; then
    _goneaway "$@"
else
    compdef _goneaway goneaway
fi
