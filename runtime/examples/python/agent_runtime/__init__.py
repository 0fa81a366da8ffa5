"""A client of the runtime's socket (docs/worker-socket.md). The standard library alone, Python 3.9 or later.

Copy this directory beside your worker:

    runtime = Runtime.from_environment(look_up)
    for campaign in runtime.campaigns():
        with campaign:
            for patient in patients(campaign.id)[campaign.cursor :]:
                room = campaign.begin("dial")
                dial(patient, room)
                campaign.step("done")
            campaign.complete()

Calls block while they wait. In an asyncio worker, run a campaign in a thread, or each call by `asyncio.to_thread`.
One thread works on one campaign; several campaigns may be worked on in several threads.
"""

from .campaign import Campaign, LookUp
from .problems import Draining, Lost, Refused, Unavailable
from .runtime import Runtime

__all__ = ["Campaign", "Draining", "LookUp", "Lost", "Refused", "Runtime", "Unavailable"]
