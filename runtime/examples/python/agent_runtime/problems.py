"""What a call may raise."""

from __future__ import annotations

from typing import Any


class Lost(Exception):
    """The campaign is not ours any more. Stop everything that acts for it."""


class Draining(Exception):
    """No new effects: the container is ending. What is not begun stays for another container."""


class Refused(Exception):
    """The runtime will not do this call, however often it is repeated."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(f"{answer.get('error')}: {answer.get('message')}")
        self.code: str = answer.get("error", "")
        self.details: dict[str, Any] = answer.get("details", {})


class Unavailable(Exception):
    """No answer in time. Whether the call was done is not known; repeated, it tells."""

    def __init__(self, message: str, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered
        """Whether there is a runtime at all."""
