# SPDX-License-Identifier: Apache-2.0
"""test_seven.py - what goneaway's seven headline failures do, by hand: pytest, PyMySQL and a MySQL server

The servers are started from the root filesystem and the data that goneaway's cache has of
mysql-9.7, with the same options, one for each set of options and all tests; or by docker, where
PEER_IMAGE names an image. Run by peers.sh, in a network namespace of its own: the firewall is real.
It does the least that shows each failure, and proves much less than goneaway does: no fault is
proved to have fired, nothing of the server's side is looked at, and nothing is left for a restart.
"""
import glob
import json
import os
import signal
import subprocess
import time

import pymysql
import pytest

CACHE = os.environ["PEER_CACHE"]
IMAGE = os.environ.get("PEER_IMAGE")
OPTIONS = [
    "--no-defaults", "--user=root", "--mysqlx=0", "--skip-log-bin", "--performance-schema=OFF",
    "--innodb-redo-log-capacity=8M", "--innodb-doublewrite-pages=4",
    "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-load-at-startup=0",
    "--innodb-buffer-pool-dump-at-shutdown=0", "--innodb-buffer-pool-size=24M",
    "--innodb-log-buffer-size=1M", "--table-open-cache=64", "--innodb-adaptive-hash-index=OFF",
    "--innodb-use-native-aio=0",
]
LOST = (0, 2006, 2013)  # PyMySQL tells a connection that it has closed itself as (0, '')


def newest(pattern):
    entries = glob.glob(f"{CACHE}/{pattern}")
    assert entries, f"{CACHE} has no mysql-9.7: `goneaway prepare --server mysql-9.7` fills it"
    return max(entries, key=os.path.getmtime)


class Cached:
    """A server from goneaway's cache, in a container by bubblewrap."""

    host = "127.0.0.1"

    def __init__(self, folder, port, options):
        self.port, self.socket = port, f"{folder}/run/mysqld.sock"
        self.folder, self.options = folder, options
        root, entry = newest("mysql-9.7-root-*"), newest("mysql-9.7-data-*")
        subprocess.run(["cp", "-a", f"{entry}/data/var/lib/mysql", f"{folder}/data"], check=True)
        with open(f"{entry}/entry.json", encoding="utf-8") as file:
            self.password = json.load(file)["password"]
        os.makedirs(f"{folder}/run", exist_ok=True)
        os.makedirs(f"{folder}/tmp", exist_ok=True)
        self.root = f"{root}/root"
        self.start()

    def start(self):
        # in the foreground, so that a signal to it is one to the server
        command = ["bwrap", "--ro-bind", self.root, "/", "--dev", "/dev", "--proc", "/proc",
                   "--bind", f"{self.folder}/tmp", "/tmp", "--bind", f"{self.folder}/run", "/run",
                   "--bind", f"{self.folder}/data", "/mnt", "--die-with-parent", "--",
                   "/usr/sbin/mysqld", *OPTIONS, "--datadir=/mnt", "--secure-file-priv=",
                   "--socket=/run/mysqld.sock", "--pid-file=/run/pid", f"--port={self.port}",
                   *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                        stderr=open(f"{self.folder}/log", "a"))

    def kill(self):
        with open(f"{self.folder}/run/pid", encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    def stop(self):
        self.process.kill()
        self.process.wait()

    def admin(self):
        return pymysql.connect(unix_socket=self.socket, user="root", password=self.password,
                               connect_timeout=5)

    def block(self):
        firewall("-A", self.port)

    def unblock(self):
        firewall("-D", self.port)


class Docker:
    """The same by docker: an image, and its own address."""

    port = 3306

    def __init__(self, _folder, _port, options):
        options = [option for option in OPTIONS if option not in ("--no-defaults", "--user=root")] \
            + options
        self.id = self.run("run", "-d", "-e", "MYSQL_ALLOW_EMPTY_PASSWORD=1", "-e",
                           "MYSQL_ROOT_HOST=%", IMAGE, *options)
        self.host = self.run("inspect", "-f", "{{.NetworkSettings.IPAddress}}", self.id)

    @staticmethod
    def run(*words):
        return subprocess.run(["docker", *words], check=True, capture_output=True,
                              text=True).stdout.strip()

    def start(self):
        self.run("start", self.id)

    def kill(self):
        self.run("kill", self.id)

    def has_ended(self):
        return self.run("inspect", "-f", "{{.State.Running}}", self.id) != "true"

    def stop(self):
        self.run("rm", "-f", "-v", self.id)

    def admin(self):
        return pymysql.connect(host=self.host, user="root", connect_timeout=5)

    def block(self):
        self.run("network", "disconnect", "bridge", self.id)

    def unblock(self):
        self.run("network", "connect", "--ip", self.host, "bridge", self.id)


def firewall(what, port):
    subprocess.run(["iptables", "-w", what, "INPUT", "-p", "tcp", "--dport", str(port), "-j", "DROP"],
                   check=True)


def wait_ready(server):
    deadline = time.monotonic() + 60
    while True:
        try:
            return server.admin()
        except pymysql.MySQLError as error:
            refused = error.args[0] == 1045  # it will not let us in later either
            if refused or time.monotonic() > deadline or server.has_ended():
                raise
            time.sleep(0.01)


def serve(folder, port, *options):
    server = (Docker if IMAGE else Cached)(str(folder), port, list(options))
    if not (IMAGE and "--skip-networking" in options):
        with wait_ready(server) as admin:
            admin.cursor().execute("CREATE USER IF NOT EXISTS peer@'%' IDENTIFIED BY ''")
            admin.cursor().execute("GRANT ALL ON *.* TO peer@'%'")
            admin.cursor().execute("CREATE DATABASE IF NOT EXISTS peers")
    return server


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    server = serve(tmp_path_factory.mktemp("plain"), 13306)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    server = serve(tmp_path_factory.mktemp("small"), 13307, "--max-allowed-packet=1M")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def unreachable(tmp_path_factory):
    server = serve(tmp_path_factory.mktemp("unreachable"), 13308, "--skip-networking")
    yield server
    server.stop()


def connect(server, timeout=10):
    return pymysql.connect(host=server.host, port=server.port, user="peer", database="peers",
                           connect_timeout=timeout, autocommit=True, ssl_disabled=True)


def query(connection, sql="SELECT 1"):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def error_of(call, *args):
    with pytest.raises(pymysql.MySQLError) as raised:
        call(*args)
    return raised.value.args[0]


def test_kill_idle(plain):
    app = connect(plain)
    with plain.admin() as admin:
        query(admin, f"KILL {app.thread_id()}")
    assert error_of(query, app) in LOST
    assert error_of(query, app) in LOST
    assert query(connect(plain)) == ((1,),)


def test_wait_timeout(plain):
    app = connect(plain)
    query(app, "SET SESSION wait_timeout = 1")
    time.sleep(1.6)
    assert error_of(query, app) in (*LOST, 4031)
    assert error_of(query, app) in LOST
    assert query(connect(plain)) == ((1,),)


def test_oversized_blob(small):
    app = connect(small)
    query(app, "CREATE TABLE IF NOT EXISTS blobs (data LONGBLOB)")
    assert error_of(query, app, f"INSERT INTO blobs VALUES ('{'x' * (2 << 20)}')") in (*LOST, 1153)
    assert error_of(query, app) in LOST
    assert query(connect(small)) == ((1,),)


def test_firewall_block(plain):
    plain.block()
    assert error_of(connect, plain, 1) == 2003
    assert error_of(connect, plain, 1) == 2003
    plain.unblock()
    assert query(connect(plain)) == ((1,),)


def test_skip_networking(unreachable):
    assert error_of(connect, unreachable) == 2003
    assert error_of(connect, unreachable) == 2003


def test_forked_connection(plain):
    app = connect(plain)
    child = os.fork()
    if child == 0:
        app.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert error_of(query, app) in LOST
    assert error_of(query, app) in LOST
    assert query(connect(plain)) == ((1,),)


def test_server_restart(plain):
    app = connect(plain)
    plain.kill()
    plain.start()
    wait_ready(plain).close()
    assert error_of(query, app) in LOST
    assert error_of(query, app) in LOST
    assert query(connect(plain)) == ((1,),)
