# SPDX-License-Identifier: Apache-2.0
"""Faults for pytest: the fixture `goneaway`, which breaks connections where a test says.

Copy this file beside your conftest.py, name it there by `pytest_plugins = ["goneaway"]`, and run
`goneaway lab -- pytest`. Outside of a lab, tests that use the fixture are skipped.

    def test_transaction(goneaway, db):
        db.begin()
        goneaway.kill(db.thread_id())
        with pytest.raises(OperationalError):
            db.commit()

A document is what a scenario has, as a dict or as YAML: {"drop": {"from": "server"}}, or
"drop: {from: server}". `goneaway explain fault` lists the faults, `goneaway explain until` the
states. A session is named by its connection id.
"""
import http.client
import json
import os
import socket

import pytest


class GoneawayError(Exception):
    """What the lab refuses or cannot do, in its words."""


class Fault:
    """A fault in force. As a context manager it is lifted at the end of the block."""

    def __init__(self, lab, answer):
        self.lab = lab
        self.id = answer["id"]

    @property
    def fired(self):
        """How often it has taken effect; for a firewall, the packets that it has met."""
        return self.lab.ask("GET", f"/v1/faults/{self.id}")["fired"]

    def lift(self):
        self.lab.ask("DELETE", f"/v1/faults/{self.id}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lift()


class Lab:
    """The control of the lab that listens at a Unix socket."""

    def __init__(self, path):
        self.path = path

    def fault(self, document):
        """Any fault. It has taken effect when this returns."""
        return Fault(self, self.ask("POST", "/v1/faults", document))

    def kill(self, session, what="connection"):
        """KILL of a session, or only of its "query"."""
        return self.fault({"kill": {"of": session, "what": what}})

    def drop(self, from_, **more):
        """A firewall drops what the "app" or the "server" sends."""
        return self.fault({"drop": {"from": from_, **more}})

    def until(self, document):
        """Waits for a state, ten seconds at most unless the document has another `deadline`."""
        self.ask("POST", "/v1/until", document)

    def server(self, document):
        """Stops, starts or restarts the server: {"stop": "KILL"}, "start"."""
        self.ask("POST", "/v1/server", document)

    def restart(self, signal="TERM"):
        """Ends the server by TERM, KILL or ABRT, and starts it with its data and address."""
        self.server({"restart": signal})

    def query(self, statement):
        """The rows of a statement, run as root by a connection that no fault touches."""
        return self.ask("POST", "/v1/admin", {"query": statement}).get("rows", [])

    def set_global(self, **variables):
        """SET GLOBAL, for connections that are made from now on."""
        self.ask("POST", "/v1/admin", {"set_global": variables})

    def reset(self):
        """The world as new; every session ends. The fixture does it after each test."""
        self.ask("POST", "/v1/reset")

    def ask(self, method, path, document=None):
        """One request to the control, and its answer."""
        body = document if document is None or isinstance(document, str) else json.dumps(document)
        connection = http.client.HTTPConnection("lab")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.connect(self.path)
            connection.request(method, path, body and body.encode())
            response = connection.getresponse()
            answer = json.load(response)
        finally:
            connection.close()
        if response.status >= 400:
            raise GoneawayError("; ".join(answer[key] for key in ("error", "remedy") if key in answer))
        return answer


@pytest.fixture
def goneaway():
    """The lab that the test runs in."""
    path = os.environ.get("GONEAWAY_LAB")
    if not path:
        pytest.skip("needs a lab: run me in `goneaway lab -- pytest`")
    lab = Lab(path)
    yield lab
    lab.reset()
