"""What happens to a claim while its campaign is worked on."""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Optional

from .wire import Connection, Wire

if TYPE_CHECKING:
    from .campaign import Campaign

log = logging.getLogger("agent_runtime")

SOCKET_GONE = 15.0
"""Seconds without the socket, after which a worker that may no longer act ends."""


class Watch:
    """Keeps the stream of a claim's events open, without which the claim ends, and watches the time."""

    def __init__(self, wire: Wire, path: str, campaign: Campaign) -> None:
        self._wire = wire
        self._path = path
        self._campaign = campaign
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._connection: Optional[Connection] = None
        self._heard = time.monotonic()
        self._threads = [
            threading.Thread(target=self._listen, name="agent-runtime events", daemon=True),
            threading.Thread(target=self._mind_the_time, name="agent-runtime time", daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._lock:
            self._over.set()
            if self._connection is not None:
                self._connection.hang_up()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _mind_the_time(self) -> None:
        # Twice late: a process that was stopped first reads what came in meanwhile.
        late = False
        while not self._over.wait(0.5):
            was_late, late = late, self._campaign.late
            if not (late and was_late):
                continue
            self._campaign.tell()
            if time.monotonic() - self._heard >= SOCKET_GONE:
                self._campaign.abandon()

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                if not self._read():
                    return
            except (OSError, http.client.HTTPException, ValueError) as problem:
                log.debug("no events: %s", problem)
            self._over.wait(0.5)

    def _read(self) -> bool:
        """Reads until the stream breaks off. Returns whether to open it again."""
        campaign = self._campaign
        connection = self._wire.connection()
        with self._lock:
            if self._over.is_set():
                return False
            self._connection = connection
        try:
            connection.request("GET", self._path)
            response = connection.getresponse()
            self._heard = time.monotonic()
            if response.status == 410:
                campaign.fence()
                return False
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            # From here on lines come when something happens.
            connection.wait_for_ever()
            for line in response:
                self._hear(json.loads(line))
            return True
        finally:
            with self._lock:
                self._connection = None
            connection.close()

    def _hear(self, line: dict[str, Any]) -> None:
        self._heard = time.monotonic()
        event = line["event"]
        if event == "fenced":
            self._campaign.fence()
            return
        self._campaign.renew(line["notAfter"])
        if event in ("draining", "closing"):
            self._campaign.drain()
