"""The log of a command: a line an entry on standard error, as text or as JSON, without secrets."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TextIO

from threatstamp.core.secrets import hide

LEVELS = ("DEBUG", "INFO", "WARNING")
_NOISE = (
    "As you gave `client` as well, `token` will be unused",  # our client holds the token
    "Failed to decode Slack API response",  # a SlackError, bad_answer
)


def start_logging(zone: tzinfo, *, quiet: bool = False) -> None:
    """Logs to standard error from now on; `THREATSTAMP_LOG=DEBUG` says more.

    zone: the times are in it, with their offset. quiet: only warnings, unless THREATSTAMP_LOG asks for more;
    for a terminal that shows progress. `THREATSTAMP_LOG_FORMAT=json` makes each line an object with `at`,
    `level`, `logger`, `message`, for what happened also `what` and its ids, and `traceback` if there is one.
    """
    handler = _ToStandardError()
    as_json = os.environ.get("THREATSTAMP_LOG_FORMAT", "").lower() == "json"
    handler.setFormatter(_Json(zone) if as_json else _Text(zone))
    handler.addFilter(_WithoutNoise())
    handler.addFilter(_Redacting())
    usual = "WARNING" if quiet else "INFO"
    level = os.environ.get("THREATSTAMP_LOG", usual).upper()
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("threatstamp").setLevel(level if level in LEVELS else usual)


class _Text(logging.Formatter):
    """2026-11-26 09:30:00.123+09:00 INFO threatstamp.app.journal: ..."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__("%(at)s %(levelname)s %(name)s: %(message)s")
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        record.at = _moment(record, self._zone, " ")
        return super().format(record)


class _Json(logging.Formatter):
    """One object a line; its values hold no line break that is not escaped."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, object] = {
            "at": _moment(record, self._zone, "T"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        happened: object = getattr(record, "happened", None)
        if isinstance(happened, Mapping):
            said |= {
                name: hide(value) if isinstance(value, str) else value for name, value in happened.items()
            }
        if record.exc_text:
            said["traceback"] = record.exc_text
        return json.dumps(said)


def _moment(record: logging.LogRecord, zone: tzinfo, between: str) -> str:
    return datetime.fromtimestamp(record.created, zone).isoformat(between, "milliseconds")


class _Redacting(logging.Filter):
    """The last guard: whatever a library logs, no token passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        clean = hide(text)
        if clean != text:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_text is None:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = hide(record.exc_text)
        return True


class _WithoutNoise(logging.Filter):
    """Drops what libraries say of something that is meant, or that we say ourselves in a sentence."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(_NOISE)


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Looks standard error up for each line: what shows progress there lets lines pass above it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # it never changes by being set
        return sys.stderr
