#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tshark.py - holds the words of a timeline against what tshark makes of the same packets.

usage: tshark.py DIR, with the bundles of a run with --bundle DIR --bundle-all (`make tshark` does both)

Of each bundle with packets in the clear: the commands that the app sent, and the numbers of the errors that it got,
in their order. Not compared are cases over TLS or compressed, through a proxy, with packets that were cut off (of
those tshark puts no message together) or with more than a timeline has room for.
Exit status 1 if something differs.
"""

import glob
import json
import re
import subprocess
import sys
import tempfile

STUB_PORT = 3307  # addresses.h
COMMANDS = {
    1: "COM_QUIT", 2: "COM_INIT_DB", 3: "COM_QUERY", 4: "COM_FIELD_LIST", 9: "COM_STATISTICS", 12: "COM_PROCESS_KILL",
    14: "COM_PING", 17: "COM_CHANGE_USER", 22: "COM_STMT_PREPARE", 23: "COM_STMT_EXECUTE",
    24: "COM_STMT_SEND_LONG_DATA", 25: "COM_STMT_CLOSE", 26: "COM_STMT_RESET", 27: "COM_SET_OPTION",
    28: "COM_STMT_FETCH", 31: "COM_RESET_CONNECTION",
}


def unpack(bundle, name):
    return subprocess.run(["tar", "--zstd", "-xOf", bundle, name], capture_output=True, check=False).stdout


def told(case):
    """What the timeline says."""
    commands, errors = [], []
    for event in case.get("wire", []):
        words = event["words"]
        if event["from"] == "app":
            command = re.match(r"(?:command )?(COM_[A-Z_]+|\d+)", words)
            commands += [command[1]] if command else []
        elif not event.get("lost"):
            errors += [int(number) for number in re.findall(r"\bERR (\d+)", words)]
    return commands, errors


def fields(pcap, *wanted):
    """A row of each TCP packet; those that an ICMP error quotes are not counted again."""
    arguments = [part for name in wanted for part in ("-e", name)]
    made = subprocess.run(["tshark", "-r", pcap, "-d", f"tcp.port=={STUB_PORT},mysql", "-Y", "tcp and not icmp", "-T", "fields",
                           "-E", "occurrence=a", *arguments],
                          capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in made.splitlines()]


def seen(pcap):
    """What tshark says; None: some packet was cut off."""
    commands, errors = [], []
    for row in fields(pcap, "frame.len", "frame.cap_len", "mysql.packet_number", "mysql.command", "mysql.error_code"):
        if row[0] != row[1]:
            return None
        # A command is the first of its exchange. An encrypted password, which is not, tshark takes for one.
        if row[2].split(",")[0] == "0":
            commands += [COMMANDS.get(int(one), one) for one in row[3].split(",") if one]
        errors += [int(one) for one in row[4].split(",") if one]
    return commands, errors


def compare(bundle):
    """A sentence if something differs; "": it does not; None: it cannot be compared."""
    case = json.loads(unpack(bundle, "case.json"))["case"]
    packets = unpack(bundle, "app.pcap")
    wire = case.get("wire", [])
    if (case["transport"] != "tcp" or not packets or case.get("wire_left_out")
            or any("compressed" in one["words"] or "proxy" in (one["from"], one["to"]) for one in wire)):
        return None
    with tempfile.NamedTemporaryFile(suffix=".pcap") as pcap:
        pcap.write(packets)
        pcap.flush()
        theirs = seen(pcap.name)
    if theirs is None:
        return None
    ours = told(case)
    if ours == theirs:
        return ""
    return f"{case['id']} {case['server']['name']} {case['connector']['name']}: ours {ours}, tshark's {theirs}"


def main(folder):
    compared = alike = 0
    for bundle in sorted(glob.glob(f"{folder}/*.tar.zst")):
        result = compare(bundle)
        if result is None:
            continue
        compared += 1
        alike += not result
        if result:
            print(result)
    print(f"{alike} of {compared} timelines say what tshark says")
    return 0 if compared and alike == compared else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
