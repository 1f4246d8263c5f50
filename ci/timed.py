# SPDX-License-Identifier: Apache-2.0
# timed.py - finds waits that nobody times: judged steps of a second or more whose rows do not say how long
#
# usage: timed.py REPORT    a json report of cases of scenarios/
#
# What takes time because of the fault has `within: {min, max}` in its row, or min alone if it succeeds. On a busy
# machine any step may take a second, so each that did is run again by itself, and only what takes as long twice more is
# told, with exit status 1. A control in which no fault fired takes what its work takes.
import json
import shlex
import subprocess
import sys
import tempfile

LEAST_MS = 1000


def read_cases(path):
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [line for line in lines if line["type"] == "case"]


def untimed(case):
    """The ids of its slow steps without bounds. A hang that is expected lasts as long as its step's deadline."""
    if case["control"] and not any(fault["fired"] for fault in case["faults"]):
        return set()
    return {step["id"] for step in case["steps"]
            if step["expected"] is not None and step["outcome"] != "hang" and step["ms"] >= LEAST_MS
            and "min" not in step.get("within", {})}


def run_again(case):
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        argv = shlex.split(case["rerun"]) + ["--jobs", "1", "--repeat", "2", "--report", f"json={report.name}"]
        subprocess.run(argv, stdout=subprocess.DEVNULL, check=False)  # its verdict has been printed already
        return read_cases(report.name)


def still_untimed(case):
    ids = untimed(case)
    for again in run_again(case) if ids else []:
        ids &= untimed(again)
    return ids


found = 0
for case in read_cases(sys.argv[1]):
    for step_id in sorted(still_untimed(case)):
        found += 1
        print(f"{case['id']} on {case['server']['name']} with {case['connector']['name']}: {step_id} takes a second or "
              "more, and its row has no `within`")
sys.exit(found > 0)
