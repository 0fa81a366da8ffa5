"""HTTP over the runtime's Unix socket."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import Any, Callable
from urllib.parse import quote

from .problems import Unavailable

TRY = 30.0
"""Seconds for one try of a call: longer than the runtime waits for its database."""

PATIENCE = 60.0
"""Seconds for which a call is repeated, at least; one about a campaign is repeated for as long as it may be ours."""

MARGIN = 5.0
"""Seconds more: past that time the runtime says by itself that the campaign is lost, also without its database."""


def path_of(campaign_id: str) -> str:
    return f"/v1/campaigns/{quote(campaign_id, safe='')}"


class Wire:
    def __init__(self, path: str) -> None:
        self._path = path

    def post(self, path: str, body: dict[str, Any], until: Callable[[], float] = lambda: 0) -> tuple[int, dict[str, Any]]:
        """One call, repeated as it is while there is no answer, or one that says to repeat it."""
        start = time.monotonic()
        pause = 0.05
        while True:
            answered = False
            try:
                status, answer = self._once(path, body)
                answered = True
                if status < 500:
                    return status, answer
                problem = str(answer.get("message", status))
            except (OSError, http.client.HTTPException, ValueError) as error:
                problem = f"{type(error).__name__}: {error}"
            if time.monotonic() + pause > max(start + PATIENCE, until() + MARGIN):
                raise Unavailable(f"the runtime did not do {path.rsplit('/', 1)[-1]}: {problem}", answered)
            time.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _once(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = self.connection()
        try:
            connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else {}
        finally:
            connection.close()

    def connection(self) -> Connection:
        return Connection(self._path, TRY)


class Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path
        # Of our own: http.client lets go of its socket as soon as an answer begins that ends the connection.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._hung_up = False

    def connect(self) -> None:
        self._socket.settimeout(self.timeout)
        self._socket.connect(self._path)
        self.sock = self._socket
        # Who hung up before there was a connection could not end it.
        if self._hung_up:
            raise ConnectionAbortedError("hung up")

    def wait_for_ever(self) -> None:
        self._socket.settimeout(None)

    def hang_up(self) -> None:
        """Ends a read in another thread, which closing would not; also one that has yet to begin."""
        self._hung_up = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        super().close()
        self._socket.close()
