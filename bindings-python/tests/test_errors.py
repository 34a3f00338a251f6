"""One exception, whose code, hint and status come from the core's table."""

from __future__ import annotations

import copy
import logging
import pickle
import sys
import traceback
from typing import get_args

import pytest

from hookseal import ErrorCode, Webhook, WebhookError, error_codes
from sample import SECRET


def failure(secret: str = SECRET) -> WebhookError:
    hook = Webhook("standard_webhooks", secret)
    with pytest.raises(WebhookError) as caught:
        hook.verify(b"{}", {})
    return caught.value


def test_the_codes_are_typed() -> None:
    assert list(get_args(ErrorCode)) == [row.code for row in error_codes()]


def test_an_error_carries_its_row() -> None:
    error = failure()
    row = {row.code: row for row in error_codes()}["missing_header"]
    assert (error.code, error.hint, error.status) == (row.code, row.hint, row.http_status)
    assert str(error) == "header `webhook-signature` is missing"


def test_a_traceback_says_what_to_do() -> None:
    error = failure()
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    # Notes came with Python 3.11.
    note = f"\nhint: {error.hint}" if sys.version_info >= (3, 11) else ""
    assert shown.endswith(f"WebhookError: {error}{note}\n")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_errors_travel_between_processes(protocol: int) -> None:
    error = failure()
    for other in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(other) is WebhookError
        assert str(other) == str(error)
        assert (other.code, other.hint, other.status) == (error.code, error.hint, error.status)


def test_errors_never_hold_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    secret = "whsec_" + "c2VjcmV0" * 4
    for bad in (secret + "!", " " + secret, secret[:12], [secret, 7], secret.encode(), {secret: 1}):
        with pytest.raises(WebhookError) as caught:
            Webhook("standard_webhooks", bad)  # type: ignore[arg-type]
        logging.getLogger().error("refused", exc_info=caught.value)
        assert "c2Vj" not in str(caught.value) + repr(caught.value) + caught.value.hint
    hook = Webhook("standard_webhooks", secret)
    assert "c2Vj" not in repr(hook)
    assert "refused" in caplog.text
