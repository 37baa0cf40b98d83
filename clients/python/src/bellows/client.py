"""Sends the operations of the API (api.py): signed where they must be, repeated where that has no second effect."""

from __future__ import annotations

import json
import os
import random
import re
import time
import urllib.error
import urllib.request
import uuid
from http.client import HTTPException
from typing import Any, Callable, Iterator, Mapping
from urllib.parse import quote, urlencode, urlsplit

from .api import Operations, Output, Request, RequestView, Task
from .errors import BellowsError, NoAnswer, WaitTimeout

_FIRST_PAUSE = 0.2
_PAUSE_MAX = 10.0
# Throttled, or not ready for a moment: also what API Gateway answers for a function that failed.
_WORTH_REPEATING = frozenset({429, 500, 502, 503, 504})
_GATEWAY = re.compile(r"\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$")


class Bellows(Operations):
    """A client of one installation.

    `server`: the address of its API; unless given, the variable BELLOWS_URL. `region`: of a deployed API behind a name
    of its own; API Gateway's own addresses say theirs. `tries`: of a call that may be repeated. `timeout`: of one try,
    in seconds. Raises ValueError where the address is none, or tries is less than 1.
    """

    def __init__(
        self,
        server: str | None = None,
        *,
        region: str | None = None,
        tries: int = 5,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        address = server if server is not None else os.environ.get("BELLOWS_URL", "")
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"the server's address {address!r} is no URL; give one, or set BELLOWS_URL")
        if tries < 1:
            raise ValueError("tries is at least 1")
        gateway = _GATEWAY.search(parts.hostname)
        self.server = address.rstrip("/")
        self._region = region if region is not None else gateway[1] if gateway else None
        self._tries = tries
        self._timeout = timeout
        self._sleep = sleep
        self._credentials: Any = None

    def submit(self, body: Request, *, idempotency_key: str | None = None) -> RequestView:
        """Asks for something to run or to claim; a repeat after an answer that was lost makes no second one."""
        return self.submit_request(body, idempotency_key=idempotency_key or str(uuid.uuid4()))

    def wait_for_end(self, id: str, *, timeout: float | None = None, every: float = 2.0) -> RequestView:
        """Until the request has ended, however. Raises WaitTimeout."""
        return self.wait_for(id, lambda request: request["endedAt"] is not None, timeout=timeout, every=every)

    def wait_until_active(self, id: str, *, timeout: float | None = None, every: float = 2.0) -> RequestView:
        """Until a claim is granted (`active`) or over. Raises WaitTimeout."""

        def is_done(request: RequestView) -> bool:
            return request["state"] == "active" or request["endedAt"] is not None

        return self.wait_for(id, is_done, timeout=timeout, every=every)

    def wait_for(
        self,
        id: str,
        is_done: Callable[[RequestView], bool],
        *,
        timeout: float | None = None,
        every: float = 2.0,
    ) -> RequestView:
        """Looks at the request every so many seconds until it is as asked. Raises WaitTimeout."""
        start = time.monotonic()
        while True:
            request = self.get_request(id)
            if is_done(request):
                return request
            left = every if timeout is None else timeout - (time.monotonic() - start)
            if timeout is not None and left <= 0:
                raise WaitTimeout(request, timeout)
            self._sleep(min(every, left))

    def requests(self, **query: Any) -> Iterator[RequestView]:
        """All requests that the filter lets through (those of `list_requests`), page by page."""
        cursor: str | None = query.pop("cursor", None)
        while True:
            page = self.list_requests(**query, cursor=cursor)
            yield from page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return

    def tasks(self, id: str, **query: Any) -> Iterator[Task]:
        """All tasks of an array that the filter lets through (those of `list_tasks`), by index."""
        start: int | None = query.pop("from_", None)
        while True:
            page = self.list_tasks(id, **query, from_=start)
            yield from page["items"]
            start = page["nextFrom"]
            if start is None:
                return

    def follow(self, id: str, *, index: int = 0, every: float = 0.75) -> Iterator[Output]:
        """What a task writes, as it comes, until it has ended."""
        since = "0,0,0"
        while True:
            output = self.get_output(id, index=index, since_bytes=since)
            if output["stdout"] or output["stderr"]:
                yield output
            if output["ended"]:
                return
            since = output["next"] or since
            self._sleep(every)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        given = {name: str(value) for name, value in (query or {}).items() if value is not None}
        # A blank as `+` is a blank to servers, but not to signatures.
        url = self.server + path + (f"?{urlencode(given, quote_via=quote)}" if given else "")
        sent = {"accept": "application/json"}
        if body is not None:
            sent["content-type"] = "application/json"
        sent.update({name: str(value) for name, value in (headers or {}).items() if value is not None})
        data = None if body is None else json.dumps(body).encode()
        return self._sent(method, url, sent, data, method != "POST" or "idempotency-key" in sent)

    def _sent(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, is_repeatable: bool) -> Any:
        tries = self._tries if is_repeatable else 1
        for attempt in range(1, tries + 1):
            signed = self._signed(method, url, headers, data)
            call = urllib.request.Request(url, data=data, method=method, headers=signed)
            try:
                with urllib.request.urlopen(call, timeout=self._timeout) as response:
                    return _read(response.headers.get("content-type", ""), response.read())
            except urllib.error.HTTPError as error:
                if attempt == tries or error.code not in _WORTH_REPEATING:
                    raise _refusal(error) from None
            except (OSError, HTTPException) as error:
                if attempt == tries:
                    raise NoAnswer(f"no answer of {self.server} in {attempt} tries: {error}") from error
            self._sleep(min(_PAUSE_MAX, _FIRST_PAUSE * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0))
        raise AssertionError("tries is at least 1")

    def _signed(self, method: str, url: str, headers: Mapping[str, str], data: bytes | None) -> dict[str, str]:
        if self._region is None:
            return dict(headers)
        try:
            from botocore.auth import SigV4Auth  # type: ignore[import-untyped]
            from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]
            from botocore.session import Session  # type: ignore[import-untyped]
        except ImportError as error:
            raise RuntimeError("a deployed API wants signed calls: pip install 'bellows-client[aws]'") from error
        if self._credentials is None:
            self._credentials = Session().get_credentials()
        if self._credentials is None:
            raise RuntimeError("there are no AWS credentials where botocore looks for them")
        call = AWSRequest(method=method, url=url, data=data, headers=dict(headers))
        SigV4Auth(self._credentials.get_frozen_credentials(), "execute-api", self._region).add_auth(call)
        return {name: str(value) for name, value in call.headers.items()}


def _read(content_type: str, data: bytes) -> Any:
    text = data.decode()
    return json.loads(text) if "json" in content_type else text


def _refusal(error: urllib.error.HTTPError) -> BellowsError:
    content_type = error.headers.get("content-type", "") or ""
    try:
        problem = _read(content_type, error.read())
    except (OSError, HTTPException, ValueError):
        # The status alone says that it was refused.
        problem = None
    return BellowsError(error.code, problem if "problem+json" in content_type else None)
