"""Error codes in words: Slack's, and our own for calls that failed and departures that are not sent."""

from __future__ import annotations

from threatstamp.texts.catalogue import Texts


def say_code(texts: Texts, code: str) -> str:
    """Returns why in a few words, with the code itself, which a search in Slack's documentation needs."""
    key = "codes._http" if code.startswith("http_") else f"codes.{code}"
    if code.startswith("_") or not texts.has(key):
        return texts("codes._other", code=code)
    return texts("codes._said", words=texts(key), code=code)
