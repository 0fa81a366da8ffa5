"""An example of a campaign worker in Python: start it with `agent-runtime -- python3 worker_main.py`.

A campaign here is a number of calls, one after another. A real worker would place each through LiveKit's SIP service
(https://docs.livekit.io/sip/), with the attempt's id as the name of the room. This one stands in for that with a file:
a call is a line in it, as a call to a phone cannot be taken back either.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time

from agent_runtime import Campaign, Lost, Runtime

CALLS = int(os.environ.get("CALLS", "3"))
CALL_SECONDS = float(os.environ.get("CALL_SECONDS", "0"))
EFFECTS = os.environ.get("EFFECTS_FILE", "effects.jsonl")


def dial(campaign: Campaign, room: str) -> None:
    """Places a call, and stays in it until it ends. Here belongs `create_sip_participant`, with `room_name=room`."""
    line = json.dumps({"campaign": campaign.id, "cursor": campaign.cursor, "attempt": room, "pid": os.getpid()})
    with open(EFFECTS, "a", encoding="utf-8") as effects:
        effects.write(line + "\n")
    hangs_up_at = time.monotonic() + CALL_SECONDS
    while time.monotonic() < hangs_up_at:
        if campaign.lost:
            raise Lost("hung up: the campaign is not ours any more")
        time.sleep(0.05)


def look_up(attempt_id: str, effect: str) -> str:
    """What became of an attempt whose worker is gone. Here belongs `list_rooms`, or a look into your records of calls."""
    try:
        with open(EFFECTS, encoding="utf-8") as effects:
            placed = {json.loads(line)["attempt"] for line in effects}
    except FileNotFoundError:
        placed = set()
    return "done" if attempt_id in placed else "absent"


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    runtime = Runtime.from_environment(look_up)
    # The call that runs is finished, and no other is begun.
    signal.signal(signal.SIGTERM, lambda *_: runtime.stop())
    for campaign in runtime.campaigns():
        with campaign:
            while campaign.cursor < CALLS:
                room = campaign.begin("dial")
                dial(campaign, room)
                campaign.step("done")
            campaign.complete()


if __name__ == "__main__":
    main()
