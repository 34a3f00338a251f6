"""What a client is made with."""

from __future__ import annotations

import math
import os
from typing import Any, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from hookseal import _native
from hookseal._argument import is_a, number, whole
from hookseal.retry import RetryPolicy


class Limits(NamedTuple):
    """How often, how long and when a call is tried."""

    timeout: float
    """Of one attempt, in seconds."""
    policy: RetryPolicy


DEFAULT_TIMEOUT = 30.0


def limits_of(
    timeout: Optional[float],
    deadline: Optional[float],
    max_retries: Optional[int],
    base: Optional[Limits] = None,
) -> Limits:
    """Give the limits of a client; what is None is that of ``base``."""
    base = base or Limits(DEFAULT_TIMEOUT, RetryPolicy.preset("api_client"))
    if timeout is not None:
        base = base._replace(timeout=_seconds("timeout", timeout))
    if deadline is None and max_retries is None:
        return base
    # The schedule is the core's; of it, the age and the number of attempts are the caller's.
    policy = base.policy.to_dict()
    if deadline is not None:
        policy["max_age_seconds"] = _seconds("deadline", deadline)
    if max_retries is not None:
        policy["schedule"]["exponential"]["max_attempts"] = (
            whole("max_retries", max_retries, 999) + 1
        )
    return base._replace(policy=RetryPolicy.from_dict(policy))


def api_key_of(given: Any) -> str:
    """Give the key, which goes into a header.

    What that cannot hold is refused here, where no message repeats it.
    """
    key = os.environ.get("HOOKSEAL_API_KEY") if given is None else given
    if is_a(key, str) and key and all("!" <= character <= "~" for character in key):
        return key
    if key is None or key == "":
        problem = "`api_key` is missing: pass it, or set the environment variable HOOKSEAL_API_KEY"
    else:
        problem = "`api_key` is not the text of a key: it has to be visible ASCII without spaces"
    raise _native.error("invalid_argument", problem)


def base_url_of(given: Union[str, Any, None]) -> str:
    """Give the URL without a slash at its end, so that paths can be put after it."""
    text = os.environ.get("HOOKSEAL_URL") if given is None else given
    if text is None or text == "":
        message = "`base_url` is missing: pass it, or set the environment variable HOOKSEAL_URL"
        raise _native.error("invalid_argument", message)
    try:
        url = urlsplit(str(text))
        _ = url.port
    except ValueError:
        raise _native.error("invalid_argument", "`base_url` is not a URL") from None
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise _native.error("invalid_argument", "`base_url` is not an http(s) URL")
    if url.username or url.password:
        message = "`base_url` has a user or a password in it, expected neither"
        raise _native.error("invalid_argument", message)
    if url.query or url.fragment:
        message = "`base_url` has a query or a fragment, expected neither"
        raise _native.error("invalid_argument", message)
    return url.geturl().rstrip("/")


def idempotency_key_of(given: Optional[str]) -> str:
    """Give what makes the attempts of a call one request."""
    if given is None:
        from uuid import uuid4

        return str(uuid4())
    if is_a(given, str) and given and all("!" <= character <= "~" for character in given):
        return given
    message = "`idempotency_key` takes visible ASCII without spaces, at least a character"
    raise _native.error("invalid_argument", message)


def user_of(given: Any) -> str:
    """Give the id of a user, which is the tenant of what belongs to it."""
    if is_a(given, str) and given:
        return given
    raise _native.error("invalid_argument", "`user_id` takes text, not an empty one")


def _seconds(name: str, value: float) -> float:
    seconds = number(name, "seconds", value)
    if 0 < seconds < math.inf:
        return seconds
    raise _native.error("invalid_argument", f"`{name}` takes seconds, more than 0")
