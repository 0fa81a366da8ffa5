"""A campaign worker whose every deed is written down outside of the database, with the time of CLOCK_MONOTONIC, which
all processes of a machine share. The client is the Python example's, as it is."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any
from urllib.parse import quote

sys.path.insert(0, os.environ["CLIENT"])

import agent_runtime.runtime
from agent_runtime import Campaign, Lost, Runtime

CALLS = int(os.environ["CALLS"])
CALL_SECONDS = float(os.environ["CALL_SECONDS"])
DEEDS = os.environ["DEEDS"]
# While this file is there nobody hangs up before the campaign is lost.
HOLD = os.environ["HOLD"]
# How often a call is said to go on: whoever is killed in one says no end. Seconds.
SAY_EVERY = 0.5


class Noted(Campaign):
    """A campaign that knows its claim, for what is written down."""

    def __init__(self, runtime: Runtime, wire: Any, look_up: Any, claim: dict[str, Any]) -> None:
        self.claim = claim
        super().__init__(runtime, wire, lambda attempt_id, _: look_up_in(claim["id"], attempt_id), claim)


agent_runtime.runtime.Campaign = Noted  # type: ignore[misc]


def file_of(campaign_id: str) -> str:
    return os.path.join(DEEDS, quote(campaign_id, safe=""))


def note(kind: str, campaign: Noted, cursor: int, attempt_id: str, at: float | None = None) -> None:
    """One line, in one write: it is there or it is not."""
    deed = {"kind": kind, "campaign": campaign.id, "cursor": cursor, "attemptId": attempt_id}
    deed |= {"claimId": campaign.claim["claimId"], "epoch": campaign.claim["epoch"], "pid": os.getpid()}
    out = os.open(file_of(campaign.id), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(out, (json.dumps({"at": at or time.monotonic(), **deed}) + "\n").encode())
    finally:
        os.close(out)


def dial(campaign: Noted, room: str) -> None:
    cursor = campaign.cursor
    said = acted = placed = time.monotonic()
    note("effect", campaign, cursor, room)
    try:
        while True:
            # Before the look: a process that is stopped between the two has not acted since.
            now = time.monotonic()
            if campaign.lost:
                raise Lost("hung up")
            acted = now
            if now - said >= SAY_EVERY:
                said = now
                note("going", campaign, cursor, room, acted)
            if now - placed >= CALL_SECONDS and not os.path.exists(HOLD):
                return
            time.sleep(0.05)
    finally:
        note("ended", campaign, cursor, room, acted)


def look_up_in(campaign_id: str, attempt_id: str) -> str:
    try:
        with open(file_of(campaign_id), encoding="utf-8") as deeds:
            done = {deed["attemptId"] for deed in map(json.loads, deeds) if deed["kind"] == "effect"}
    except FileNotFoundError:
        done = set()
    return "done" if attempt_id in done else "absent"


def main() -> None:
    runtime = Runtime.from_environment(lambda *_: "unknown")
    signal.signal(signal.SIGTERM, lambda *_: runtime.stop())
    for campaign in runtime.campaigns(0.3):
        with campaign:
            while campaign.cursor < CALLS:
                cursor = campaign.cursor
                room = campaign.begin("dial")
                dial(campaign, room)
                campaign.step("done")
                note("stepped", campaign, cursor, room)
            campaign.complete()


if __name__ == "__main__":
    main()
