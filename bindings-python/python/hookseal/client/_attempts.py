"""One call, from its first attempt to what it comes to. Knows the clock, and sends nothing."""

from __future__ import annotations

import json
import math
import time
from typing import Any, NamedTuple, Optional, Union

import httpx

from hookseal.client._call import Call
from hookseal.client._error import ApiError, error_of, unexpected
from hookseal.client._options import Limits


class Answer(NamedTuple):
    """What a call came to."""

    value: Any


class Wait(NamedTuple):
    """What to wait before the next attempt."""

    seconds: float


class Attempts:
    """Decides, after each attempt, whether there is another."""

    def __init__(self, call: Call, limits: Limits) -> None:
        self._call = call
        self._limits = limits
        self._made = 0
        self._started = time.time()
        age = limits.policy.to_dict().get("max_age_seconds")
        self._deadline = self._started + (math.inf if age is None else age)
        self._uncertain = False
        self._last = False

    def limit(self) -> float:
        """Give the seconds that the next attempt may take."""
        self._made += 1
        left = self._deadline - time.time()
        self._last = left <= self._limits.timeout
        return max(0.001, min(self._limits.timeout, left))

    def answered(self, response: httpx.Response, body: bytes) -> Union[Answer, Wait]:
        """Take an answer.

        Raises:
            ApiError: where it is the last.

        """
        status, headers = response.status_code, response.headers
        if not 200 <= status < 300:
            error = error_of(status, headers, body)
            # The server answers these before it has done anything, and 500 where it could not.
            undone = status < 500 or status == 503 or (status == 500 and error.code == "internal")
            # An attempt of before deleted it, and its answer was lost.
            if self._uncertain and self._call.method == "DELETE" and error.code == "not_found":
                return Answer(None)
            return self._failed(error, min(status, 599), headers.get("retry-after"), undone)
        if status == 204:
            return Answer(None)
        try:
            return Answer(json.loads(body))
        except ValueError as cause:
            message = f"the answer is {status}, but not JSON"
            raise unexpected(status, headers, message) from cause

    def broke_off(self, cause: httpx.HTTPError, limit: float) -> Wait:
        """Take a failure without an answer.

        Raises:
            ApiError: where it is the last.

        """
        what = f"{self._call.method} {self._call.path}"
        if isinstance(cause, httpx.TimeoutException):
            error = ApiError(
                f"{what} had no answer within {limit:g} seconds",
                "timeout",
                "see whether the server is busy, or allow more with `timeout` and `deadline`",
            )
        else:
            error = ApiError(
                f"{what} had no answer: {cause}",
                "connection_failed",
                "check `base_url`, that the server runs, and the network between",
            )
        error.__cause__ = cause
        if error.code == "timeout" and self._last:
            raise error
        return self._failed(error, None, None, isinstance(cause, UNSENT))

    def _failed(
        self, error: ApiError, status: Optional[int], retry_after: Optional[str], undone: bool
    ) -> Wait:
        self._uncertain = self._uncertain or not undone
        if not (undone or self._call.may_repeat()):
            raise error
        decision = self._limits.policy.next(
            attempt=self._made,
            status=status,
            retry_after=retry_after,
            first_attempt_at=self._started,
        )
        if decision.delay_seconds is None:
            raise error
        return Wait(decision.delay_seconds)


UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The failures of the time before anything was sent."""
