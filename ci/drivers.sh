#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# drivers.sh - the test suite of a driver that is not ours, PyMySQL's, run in a lab as it is
#
# usage: PYMYSQL=FOLDER drivers.sh GONEAWAY [SERVER]
# FOLDER is a checkout of PyMySQL; what is run is a copy of it. Its suite takes the accounts, databases and the file
# databases.json that its own pipeline gives it. Then a test for a lost connection is added, in ten lines.
set -eu

# The control takes one statement at a time.
sql() {
    /usr/bin/python3 -c 'import json, sys; print(json.dumps({"query": sys.argv[1]}))' "$1" |
        curl --silent --show-error --fail-with-body --unix-socket "$GONEAWAY_LAB" http://lab/v1/admin --data @- >/dev/null
}

# A reset drops accounts and databases, so the test that resets is the last.
in_the_lab() {
    sed -n 's/;$//p' ci/docker-entrypoint-initdb.d/init.sql >statements
    while IFS= read -r statement; do sql "$statement"; done <statements
    sql "CREATE USER root@'%'"
    sql "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION"
    sql 'SET GLOBAL local_infile = ON'
    sed "s|127.0.0.1|$MYSQL_HOST|; s|/run/mysqld/mysqld.sock|$MYSQL_UNIX_PORT|" ci/docker.json >pymysql/tests/databases.json
    /usr/bin/python3 -m pytest -q pymysql
    /usr/bin/python3 -m pytest -q test_lost.py
}

if [ "$1" = --in-the-lab ]; then
    in_the_lab
    exit
fi
[ -d "${PYMYSQL-}/pymysql/tests" ] || {
    echo 'skipped: drivers: PYMYSQL does not name a checkout of PyMySQL'
    exit
}
goneaway=$(realpath "$1")
self=$(realpath "$0")
server=${2-mariadb-10.11}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$PYMYSQL/." "$folder"
cp "$(dirname "$self")/helpers/goneaway.py" "$folder"
cd "$folder"
cat >test_lost.py <<'END'
import pytest
from goneaway import goneaway
from pymysql.tests import base

def test_lost_in_a_transaction(goneaway):
    db = base.pymysql.connect(**base.PyMySQLTestCase.databases[0])
    db.begin()
    goneaway.kill(db.thread_id())
    with pytest.raises(base.pymysql.err.OperationalError):
        db.commit()
END
"$goneaway" lab --server "$server" -- sh "$self" --in-the-lab
