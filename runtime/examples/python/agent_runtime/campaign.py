"""A campaign, from its claim to its end."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional
from urllib.parse import quote

from .problems import Draining, Lost, Refused, Unavailable
from .watch import Watch
from .wire import Wire, path_of

if TYPE_CHECKING:
    from .runtime import Runtime

log = logging.getLogger("agent_runtime")

LookUp = Callable[[str, str], str]
"""Finds out what became of an effect: `look_up(attempt_id, effect)` answers "done", "absent" or "unknown".

"absent" only when it is certain that nothing happened and nothing will: the effect is then done again.
"""


class Effect(NamedTuple):
    attempt_id: str
    name: str


class Campaign:
    """A campaign in our hands. Work on it inside `with`: what happens to it is heard of only there.

    Leaving the block says that nothing acts for the campaign any more. A block that was left without an ending, or by
    an exception, gives the campaign back; Lost and Draining end at the block. Any other exception counts as a death of
    the campaign's worker: one that fails again and again comes last, and is set aside in the end.
    """

    def __init__(self, runtime: Runtime, wire: Wire, look_up: LookUp, claim: dict[str, Any]) -> None:
        self.id: str = claim["id"]
        self.cursor: int = claim["cursor"]
        """The next step to do, from 0. Those before it are done."""
        self.resumed: bool = claim["resumed"]
        self.on_lost: Callable[[], None] = lambda: None
        """Called once, mostly in another thread, when nothing may act for the campaign any more: hang up what runs. Then leave
        the block, within 5 seconds: after that the runtime kills this worker."""
        self._runtime = runtime
        self._wire = wire
        self._look_up = look_up
        self._claim_id: str = claim["claimId"]
        left = claim["ambiguous"]
        self._open = None if left is None else Effect(left["attemptId"], left["effect"])
        self._not_after: float = claim["notAfter"]
        self._lock = threading.Lock()
        self._fenced = False
        self._told = False
        self._ending = False
        self._ended = False
        events = f"{path_of(self.id)}/events?claimId={quote(self._claim_id, safe='')}"
        self._watch = Watch(wire, events, self)

    @property
    def lost(self) -> bool:
        """Whether the campaign may be another's by now: whatever acts for it has to stop at once."""
        return self._fenced or self.late

    @property
    def late(self) -> bool:
        """Whether our time is over, as far as we have heard."""
        return time.monotonic() >= self._not_after

    def begin(self, effect: str) -> str:
        """Before each effect on the outside (a call, a message).

        Returns the attempt's id, to be the effect's own idempotency key: the name of the room, for example. Do the
        effect at once. If something slow comes in between, call `begin` again: it gives the same id, and makes sure.
        Raises Lost, Draining.
        """
        for _ in range(10):
            if self._runtime.stopping and self._open is None:
                raise Draining("no new effects")
            answer = self._call("begin", cursor=self.cursor, effect=effect)
            self._open = Effect(answer["attemptId"], effect)
            # The answer may be old by now: this process may have been stopped while it read it.
            if not self.lost:
                return self._open.attempt_id
            time.sleep(0.1)
        raise Lost("nobody says that the campaign is still ours")

    def step(self, outcome: str) -> None:
        """After the effect: "done" or "unknown" go on to the next step; "absent" (nothing happened) allows another `begin`."""
        self.cursor = self._call("step", cursor=self.cursor, outcome=outcome)["cursor"]
        self._open = None

    def complete(self) -> None:
        """All is done."""
        self._finish("complete")

    def fail(self, reason: str) -> None:
        """Nobody is to work on it any more. The reason is for people: nothing about patients."""
        self._finish("fail", reason=reason[:200])

    def release(self, reason: str) -> None:
        """Another container may go on with it at once. The reason is for people: nothing about patients."""
        self._finish("release", reason=reason[:200])

    def __enter__(self) -> Campaign:
        self._watch.start()
        try:
            self._resolve()
        except BaseException as problem:
            if not self.__exit__(type(problem), problem, problem.__traceback__):
                raise
            # `with` has no way to skip its block: whatever the block calls first says the same again.
        return self

    def __exit__(self, kind: Any, problem: Optional[BaseException], trace: Any) -> bool:
        try:
            if self._ended:
                return isinstance(problem, (Lost, Draining))
            if isinstance(problem, Unavailable):
                # Nothing can be said to the runtime. It will fence the campaign, since nobody listens any more.
                return False
            try:
                self._give_back(problem)
            except Unavailable as another:
                log.error("the campaign could not be given back: %s", another)
            return isinstance(problem, (Lost, Draining))
        finally:
            self._ended = True
            self._watch.stop()

    def _give_back(self, problem: Optional[BaseException]) -> None:
        if self._failed(problem):
            self._stopped(crashed=True)
            return
        try:
            self.release("left without an ending" if problem is None else type(problem).__name__)
        except (Lost, Refused):
            # Lost, or with an effect of which nobody has said how it ended: the next owner looks it up.
            self._stopped()

    def _failed(self, problem: Optional[BaseException]) -> bool:
        """Whether the work failed by itself, and was not told to stop."""
        told = self.lost or self._runtime.stopping or isinstance(problem, (Lost, Draining))
        return isinstance(problem, Exception) and not told

    def _stopped(self, **fields: bool) -> None:
        self._wire.post(f"{path_of(self.id)}/stopped", {"claimId": self._claim_id, **fields})

    def _resolve(self) -> None:
        """What an earlier owner began, and nobody resolved, is never done again by itself: it is looked up."""
        if self._open is not None:
            self.step(self._look_up(*self._open))

    def _finish(self, ending: str, **fields: Any) -> None:
        # The runtime ends the stream with the claim: that is no loss.
        self._ending = True
        try:
            self._call(ending, **fields)
        except Refused:
            self._ending = False
            raise
        self._ended = True

    def _call(self, name: str, **fields: Any) -> dict[str, Any]:
        if self._ended or self._fenced:
            raise Lost("the campaign is lost, or over")
        path = f"{path_of(self.id)}/{name}"
        status, answer = self._wire.post(path, {"claimId": self._claim_id, **fields}, lambda: self._not_after)
        if status == 410:
            self.fence()
            raise Lost(str(answer.get("message")))
        if answer.get("error") == "draining":
            self._runtime.stop()
            raise Draining(str(answer.get("message")))
        if status >= 400:
            raise Refused(answer)
        if "notAfter" in answer:
            self.renew(answer["notAfter"])
        return answer

    def renew(self, not_after: float) -> None:
        with self._lock:
            self._not_after = max(self._not_after, not_after)

    # What the watch says, in threads of its own.

    def fence(self) -> None:
        self._fenced = True
        if not self._ending:
            self.tell()

    def drain(self) -> None:
        self._runtime.stop()

    def abandon(self) -> None:
        self._runtime.end()

    def tell(self) -> None:
        with self._lock:
            told, self._told = self._told, True
        if not told:
            self.on_lost()
