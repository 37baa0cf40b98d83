"""What a call may end with instead of an answer."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from .api import RequestView


class BellowsError(Exception):
    """The API refused the call. `code` is stable, `detail` is for people, `errors` names wrong fields.

    `code` is `unknown` where the answer was no problem document, as those of a gateway.
    """

    def __init__(self, status: int, problem: Mapping[str, Any] | None) -> None:
        given = problem or {}
        self.status = status
        self.code: str = given.get("code", "unknown")
        self.detail: str = given.get("detail", "the answer says no more; for a deployed API, see its IAM policy")
        self.errors: Sequence[Mapping[str, str]] = given.get("errors", [])
        super().__init__(f"{self.code} ({status}): {self.detail}")


class NoAnswer(Exception):
    """Nobody answered, however often it was tried."""


class WaitTimeout(Exception):
    """The request was not as wanted in time; it goes on."""

    def __init__(self, request: RequestView, timeout: float) -> None:
        self.request = request
        reason = f" ({request['reason']})" if request["reason"] is not None else ""
        super().__init__(f"after {timeout:g} s request {request['id']} is {request['state']}{reason}; it goes on")
