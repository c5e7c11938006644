"""What the commands say, in the file's language once it is read, in the terminal's before."""

from __future__ import annotations

import logging
import os
import re
import sys

from threatstamp.config.settings import default_language
from threatstamp.core.errors import DeskError, SlackError, StoreError
from threatstamp.texts.catalogue import Language, Texts

_TOKEN = re.compile(
    r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|(?<=ticket=)[A-Za-z0-9-]+|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"
)
_spoken: list[Language] = []


def speak(language: Language) -> Texts:
    """Chooses the language of everything that is said from now on."""
    _spoken[:] = [language]
    return Texts(language)


def texts() -> Texts:
    return Texts(_spoken[0] if _spoken else default_language())


def say_error(error: DeskError) -> str:
    """Returns what went wrong and what to do, for the person at the terminal."""
    if isinstance(error, SlackError):
        key = f"cli.slack_{error.code}"
        known = key if texts().has(key) else "cli.slack_error"
        return texts()(known, code=error.code, method=error.method or "-")
    if isinstance(error, StoreError):
        return texts()("cli.store_error", reason=str(error))
    return str(error)


class _Redacting(logging.Filter):
    """The last guard: whatever a library wants to log, no token passes."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        clean = _TOKEN.sub("***", text)
        if clean != text:
            record.msg, record.args = clean, None
        if record.exc_info and record.exc_text is None:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = _TOKEN.sub("***", record.exc_text)
        return True


def start_logging() -> None:
    """Logs to standard error, one line an entry; THREATSTAMP_LOG=DEBUG says more."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Redacting())
    level = os.environ.get("THREATSTAMP_LOG", "INFO").upper()
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("threatstamp").setLevel(level if level in ("DEBUG", "INFO", "WARNING") else "INFO")
