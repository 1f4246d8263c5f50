#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# news.sh - shows what a version that nobody has measured yet changes: a new column, and its difference to the one before
#
# usage: news.sh PROGRAM FOLDER REPORT..     (`make nightly` calls this)
# The json reports say which servers and connectors were judged by the outcomes of another version. Those are measured
# as `make measure` does, into a copy of fixtures/measured in FOLDER; each file that is new there is printed, and with
# it where its connector and server differ from the version before. To keep one, copy it into fixtures/measured.
set -eu
program=$1 folder=$2
shift 2
pairs=$(python3 - "$@" <<'PAIRS'
import json, sys
pairs = set()
for path in sys.argv[1:]:
    for line in map(json.loads, open(path, encoding="utf-8")):
        if line["type"] == "case" and line.get("borrowed"):
            pairs.add((line["connector"]["name"], line["server"]["name"]))
print("\n".join(" ".join(pair) for pair in sorted(pairs)))
PAIRS
)
if [ -z "$pairs" ]; then
    echo "news: each server and connector has the version that was measured"
    exit 0
fi
rm -rf "$folder/measured"
cp -R fixtures/measured "$folder/measured"
echo "$pairs" | while read -r connector server; do
    echo "news: nobody has measured $connector and $server in the versions that are here today"
    MEASURED=$folder/measured ci/measure.sh "$program" "$folder/news" "$connector" "$server" ""
done
diff -rq fixtures/measured "$folder/measured" | sed 's/^/news: /' || :
(cd "$folder/measured" && find . -type f) | sort | while read -r file; do
    [ ! -e "fixtures/measured/$file" ] || continue
    echo "---- $file"
    cat "$folder/measured/$file"
done
