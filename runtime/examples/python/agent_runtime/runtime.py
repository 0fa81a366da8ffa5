"""Where campaigns come from."""

from __future__ import annotations

import logging
import os
import time
import uuid
from typing import Callable, Iterator, Optional

from .campaign import Campaign, LookUp
from .problems import Refused, Unavailable
from .wire import Wire, path_of

log = logging.getLogger("agent_runtime")


class Runtime:
    """The runtime that started this worker."""

    def __init__(self, path: str, look_up: LookUp, end: Callable[[], None] = lambda: os._exit(70)) -> None:
        """`end` is called, in another thread, when the runtime is gone and a campaign may no longer be acted for:
        another container may have it already. It ends this process, and all that acts in it, at once."""
        self._wire = Wire(path)
        self._look_up = look_up
        self._end = end
        # By path. Several threads may ask at once.
        self._unanswered: dict[str, list[str]] = {}
        # A plain flag: a signal's handler may set it, where a lock could wait for the very thread it interrupted.
        self._stopping = False

    @classmethod
    def from_environment(cls, look_up: LookUp) -> Runtime:
        path = os.environ.get("AGENT_RUNTIME_SOCKET")
        if not path:
            raise RuntimeError("AGENT_RUNTIME_SOCKET is not set: start this worker with `agent-runtime -- …`")
        return cls(path, look_up)

    @property
    def stopping(self) -> bool:
        return self._stopping

    def stop(self) -> None:
        """No new campaigns and no new effects. Safe in a signal's handler."""
        self._stopping = True

    def campaigns(self, every: float = 5.0) -> Iterator[Campaign]:
        """Campaigns to work on, one after another, until the container ends; asks again after `every` seconds."""
        while not self._stopping:
            try:
                campaign = self.next()
            except Unavailable as problem:
                if not problem.answered:
                    raise
                log.warning("no campaign, for now: %s", problem)
                campaign = None
            if campaign is not None:
                yield campaign
                continue
            asked = time.monotonic()
            while not self._stopping and time.monotonic() - asked < every:
                time.sleep(0.1)

    def next(self) -> Optional[Campaign]:
        """The next campaign to work on, or None when there is none, or none may be begun."""
        return self._claim("/v1/campaigns/next")

    def claim(self, campaign_id: str) -> Optional[Campaign]:
        """This campaign, or None while no campaign may be begun. Raises Refused: held by another, absent, capacity."""
        return self._claim(f"{path_of(campaign_id)}/claim")

    def _claim(self, path: str) -> Optional[Campaign]:
        # A claim that got no answer may be ours all the same: asked again with its own id, the runtime says so.
        unanswered = self._unanswered.setdefault(path, [])
        while not self._stopping:
            try:
                request_id = unanswered.pop()
            except IndexError:
                request_id = str(uuid.uuid4())
            try:
                status, answer = self._wire.post(path, {"requestId": request_id})
            except Unavailable:
                unanswered.append(request_id)
                raise
            if status == 200:
                return Campaign(self, self._wire, self._look_up, answer)
            if status == 204:
                return None
            if status == 410:
                continue
            if answer.get("error") == "draining":
                self.stop()
                return None
            raise Refused(answer)
        return None

    def end(self) -> None:
        log.critical("the runtime is gone, and this worker may no longer act: it ends")
        self._end()
