"""How long a server asks to be left alone (RFC 9110, 10.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST = 86_400.0


def read_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Returns the seconds of Retry-After, a day at most; None for none. A date counts from the server's."""
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        seconds = float(said[:10])
    else:
        until = _read_date(said)
        if until is None:
            return None
        seconds = until - (_read_date(headers.get("date", "")) or now)
    return min(seconds, LONGEST) if seconds > 0 else None


def _read_date(said: str) -> float | None:
    try:
        said_at = parsedate_to_datetime(said)
        return said_at.replace(tzinfo=said_at.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
