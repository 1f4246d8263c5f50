// SPDX-License-Identifier: Apache-2.0
// fault_script.c - fault.sh: the faults of an exported case by public means
//
// It has only what its case needs. In a container they are the engine's; for a server of the user's
// SQL is enough, or a variable names a command.
#include "export/scripts.h"

#include <string.h>

enum {
    USES_GONE = CAN_KILL | CAN_GONE,
    USES_STOP = CAN_RESTART | CAN_STOP,
    USES_START = CAN_RESTART | CAN_START,
};

/** A part of the script, and the faults that need it. */
struct part {
    unsigned faults; // 0: always
    const char *text;
};

static const struct part parts[] = {
    {0, "#!/bin/sh\n"
        "# fault.sh - makes what goes wrong; comes back when it has taken effect\n"
        "set -eu\n"
        "\n"
        "# Runs a statement as root, or as the user where no password of root's is known.\n"
        "sql() {\n"
        "    if [ -n \"${CONTAINER:-}\" ]; then\n"
        "        \"$ENGINE\" exec --env MYSQL_PWD=\"$ROOT_PWD\" \"$CONTAINER\" @client --user=root "
        "\\\n"
        "            --batch --skip-column-names --execute=\"$1\" \"$MYSQL_DATABASE\"\n"
        "    elif [ -n \"${ADMIN:-}\" ]; then\n"
        "        SQL=$1 sh -c \"$ADMIN\"\n"
        "    elif [ -n \"${ROOT_PWD+set}\" ]; then\n"
        "        MYSQL_PWD=$ROOT_PWD \"${CLIENT:-@client}\" --host=\"$MYSQL_HOST\" "
        "--port=\"$MYSQL_TCP_PORT\" --protocol=tcp \\\n"
        "            --user=\"${ROOT_USER:-root}\" --batch --skip-column-names --execute=\"$1\" "
        "\"$MYSQL_DATABASE\"\n"
        "    else\n"
        "        \"${CLIENT:-@client}\" --host=\"$MYSQL_HOST\" --port=\"$MYSQL_TCP_PORT\" "
        "--protocol=tcp --user=\"$MYSQL_USER\" \\\n"
        "            --batch --skip-column-names --execute=\"$1\" \"$MYSQL_DATABASE\"\n"
        "    fi\n"
        "}\n"
        "\n"
        "# The first start ends when the server takes the place of the script that prepares it.\n"
        "is_ready() {\n"
        "    case $(\"$ENGINE\" exec \"$CONTAINER\" cat /proc/1/comm) in\n"
        "        mysqld | mariadbd) sql 'SELECT 1' >/dev/null 2>&1 ;;\n"
        "        *) false ;;\n"
        "    esac\n"
        "}\n"
        "\n"
        "ready() {\n"
        "    end=$(($(date +%s) + 120))\n"
        "    until is_ready; do\n"
        "        [ \"$(date +%s)\" -lt \"$end\" ] || { echo 'the server does not start' >&2; exit "
        "1; }\n"
        "    done\n"
        "}\n"
        "\n"},
    {USES_GONE,
     "# Waits until the server has ended session $1.\n"
     "gone() {\n"
     "    end=$(($(date +%s) + 30)) left=1\n"
     "    while [ \"$left\" != 0 ]; do\n"
     "        [ \"$(date +%s)\" -lt \"$end\" ] || { echo \"session $1 has not ended\" >&2; exit 1; "
     "}\n"
     "        left=$(sql \"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = $1\")\n"
     "    done\n"
     "}\n"
     "\n"},
    {USES_STOP, "stop() {\n"
                "    \"$ENGINE\" kill --signal \"$1\" \"$CONTAINER\" >/dev/null\n"
                "    \"$ENGINE\" wait \"$CONTAINER\" >/dev/null\n"
                "}\n"
                "\n"},
    {USES_START,
     "start() {\n"
     "    \"$ENGINE\" start \"$CONTAINER\" >/dev/null\n"
     "    ready\n"
     "    address=$(\"$ENGINE\" inspect --format \\\n"
     "        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' \"$CONTAINER\")\n"
     "    [ \"$address\" = \"$MYSQL_HOST\" ] || { echo \"the server is now at $address\" >&2; exit "
     "1; }\n"
     "}\n"
     "\n"},
    {CAN_FILTER | CAN_LIFT,
     "# Changes the firewall in the container's own network.\n"
     "filter() {\n"
     "    \"$ENGINE\" run --rm --network \"container:$CONTAINER\" --cap-add NET_ADMIN \\\n"
     "        \"${IPTABLES_IMAGE:-docker.io/nicolaka/netshoot}\" iptables \"$@\"\n"
     "}\n"
     "\n"},
    {CAN_FILTER, "# What comes from host $1 meets rule $2 ..\n"
                 "block() {\n"
                 "    case $1 in\n"
                 "        app) shift && filter -I INPUT -p tcp --dport 3306 \"$@\" ;;\n"
                 "        *) shift && filter -I OUTPUT -p tcp --sport 3306 \"$@\" ;;\n"
                 "    esac\n"
                 "}\n"
                 "\n"},
    {0, "case $1${CONTAINER:+-container} in\n"
        "    ready-container) ready ;;\n"
        "    sql | sql-container) sql \"$2\" ;;\n"},
    {CAN_KILL, "    kill | kill-container) sql \"KILL $2\" && gone \"$2\" ;;\n"},
    {CAN_KILL_QUERY, "    kill-query | kill-query-container) sql \"KILL QUERY $2\" ;;\n"},
    {CAN_GONE, "    gone | gone-container) gone \"$2\" ;;\n"},
    {CAN_RESTART, "    restart-container) stop \"$2\" && start ;;\n"
                  "    restart) SIGNAL=$2 sh -c \"$RESTART\" ;;\n"},
    {CAN_STOP, "    stop-container) stop \"$2\" ;;\n"
               "    stop) SIGNAL=$2 sh -c \"$STOP\" ;;\n"},
    {CAN_START, "    start-container) start ;;\n"
                "    start) sh -c \"$START\" ;;\n"},
    {CAN_FILTER, "    drop-container) block \"$2\" -j DROP ;;\n"
                 "    drop) FROM=$2 sh -c \"$BLOCK\" ;;\n"
                 "    reject-container) block \"$2\" -j REJECT --reject-with "
                 "\"${3:-tcp-reset}\" ;;\n"
                 "    reject) FROM=$2 ANSWER=${3:-tcp-reset} sh -c \"$BLOCK\" ;;\n"},
    {CAN_LIFT, "    lift-container) filter -F ;;\n"
               "    lift) sh -c \"$UNBLOCK\" ;;\n"},
    {CAN_PAUSE, "    pause-container) \"$ENGINE\" pause \"$CONTAINER\" >/dev/null ;;\n"
                "    pause) sh -c \"$PAUSE\" ;;\n"},
    {CAN_UNPAUSE, "    unpause-container) \"$ENGINE\" unpause \"$CONTAINER\" >/dev/null ;;\n"
                  "    unpause) sh -c \"$UNPAUSE\" ;;\n"},
    {CAN_IDLE, "    idle | idle-container) sleep \"$2\" ;;\n"},
    {0, "    *) echo \"fault.sh: $1?\" >&2 && exit 2 ;;\n"
        "esac\n"},
};

static const struct {
    unsigned faults;
    struct slot variable;
} commands[] = {
    {CAN_RESTART, {"RESTART", "ends the server by $SIGNAL and starts it again"}},
    {CAN_STOP, {"STOP", "ends the server by $SIGNAL"}},
    {CAN_START, {"START", "starts the server again"}},
    {CAN_FILTER,
     {"BLOCK", "drops packets of $FROM, the app or the server, or answers them by $ANSWER"}},
    {CAN_LIFT, {"UNBLOCK", "ends what $BLOCK has begun"}},
    {CAN_PAUSE, {"PAUSE", "stops the server by SIGSTOP"}},
    {CAN_UNPAUSE, {"UNPAUSE", "lets it go on by SIGCONT"}},
};

const struct slot *own_command(unsigned faults, size_t index) {
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if ((commands[i].faults & faults) && index-- == 0)
            return &commands[i].variable;
    return NULL;
}

void fault_script_write(struct text *out, const struct export *export) {
    bool mariadb = strcmp(export->place->vendor, "mariadb") == 0;
    const struct slot slots[] = {{"client", mariadb ? "mariadb" : "mysql"}, {NULL, NULL}};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].faults == 0 || (parts[i].faults & export->script.faults))
            fragment_add(out, parts[i].text, slots);
}
