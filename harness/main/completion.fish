# SPDX-License-Identifier: Apache-2.0
# completion.fish - fish completion for goneaway; `goneaway completion fish` prints it

function __goneaway_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l before (string replace -r '[^=,]*$' '' -- $typed)
    set -l part (string replace -r '^.*[=,]' '' -- $typed)
    set -l program $words[1]
    set -e words[1]
    for line in ($program completion words -- $words "$typed" 2>/dev/null)
        switch $line
            case :files
                printf '%s\n' $before(__fish_complete_path $part)
            case :folders
                printf '%s\n' $before(__fish_complete_directories $part)
            case :commands
                printf '%s\n' $before(__fish_complete_command)
            case '*'
                printf '%s\n' $line
        end
    end
end

complete -c goneaway -f -a '(__goneaway_complete)'
