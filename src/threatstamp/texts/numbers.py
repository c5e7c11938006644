"""Numbers as people say them."""

from __future__ import annotations

import math

from threatstamp.texts.catalogue import Language


def say_share(share: float) -> str:
    """Returns a share of one with two digits; never as nothing what is something."""
    return "<0.01" if 0 < share < 0.01 else f"{share:.2f}"


def say_percentile(share: float, language: Language) -> str:
    """Returns a percentile, rounded down, 99 at most: "99th" in English, "99" in Japanese."""
    number = min(math.floor(share * 100), 99)
    if language is Language.JA:
        return str(number)
    tens, ones = divmod(number, 10)
    ending = "th" if tens == 1 else {1: "st", 2: "nd", 3: "rd"}.get(ones, "th")
    return f"{number}{ending}"
