"""The one exception of this package, and the table of its codes."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # As in `__init__`.
if TYPE_CHECKING:
    from typing import Any

    from hookseal._error_table import ErrorCode, ErrorInfo, error_codes
else:

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module `hookseal.errors` has no attribute `{name}`")
        from hookseal import _error_table

        return getattr(_error_table, name)


__all__ = ["ErrorCode", "ErrorInfo", "WebhookError", "error_codes"]


class WebhookError(Exception):
    """Why a webhook was refused, or what is wrong with a call.

    ``str(error)`` says what was expected and what came; it never holds a secret, a signature or a
    body. Tracebacks show the hint too (from Python 3.11).
    """

    code: ErrorCode
    """Branch on this, never on the message."""
    hint: str
    """What to do about it."""
    status: int
    """The HTTP status that a receiver answers: 4xx for what the sender can mend, else 5xx."""

    def __init__(self, message: str, code: ErrorCode, hint: str, status: int) -> None:
        super().__init__(message, code, hint, status)
        self.code = code
        self.hint = hint
        self.status = status
        if sys.version_info >= (3, 11):
            self.add_note(f"hint: {hint}")

    def __str__(self) -> str:
        return str(self.args[0])
