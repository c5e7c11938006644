"""CPE names: which product they mean, and of which version.

Formatted strings of 2.3 and URIs of 2.2 (NIST IR 7695, https://doi.org/10.6028/NIST.IR.7695, 6.1 and 6.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

ANY, NONE = "*", "-"
"""What stands for any value, and for none."""

LONGEST = 500
"""Characters of a name. Longer ones are none."""

_COLON = re.compile(r"(?<!\\):")
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class CpeName:
    """A name without its quoting, in small letters. ANY or NONE where a part is not said or does not exist.

    part: "a" for applications, "o" for operating systems, "h" for hardware. version: with the update where
    there is one, "7.0.0 update3". target: the software that it runs in, such as "wordpress".
    """

    part: str
    vendor: str
    product: str
    version: str
    target: str

    @property
    def has_version(self) -> bool:
        return self.version not in (ANY, NONE)

    def covers(self, ours: CpeName) -> bool:
        """True if ours is a product that this name means, whatever its version."""
        same = (self.part, ours.part), (self.vendor, ours.vendor), (self.product, ours.product)
        return all(_fits(theirs, mine) for theirs, mine in same) and (
            ANY in (self.target, ours.target) or self.target == ours.target
        )


@lru_cache(maxsize=4096)
def cpe_of(text: str) -> CpeName | None:
    """Returns the name that a text is; None for any other text, and for one that means every product."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if text.lower().startswith("cpe:2.3:"):
        parts = [_unquoted(one) for one in _COLON.split(text)[2:]]
    elif text.lower().startswith("cpe:/"):
        parts = _from_uri(text[5:])
    else:
        return None
    parts += [ANY] * (11 - len(parts))
    part, vendor, product, version, update, *_, target, _, _ = parts[:11]
    if part not in ("a", "o", "h", ANY) or product in (ANY, NONE, ""):
        return None
    if version not in (ANY, NONE) and update not in (ANY, NONE):
        version = f"{version} {update}"
    return CpeName(part=part, vendor=vendor, product=product, version=version, target=target)


def _from_uri(text: str) -> list[str]:
    """Returns the parts of a 2.2 URI in the order of 2.3. A packed edition (~…~…) carries four more."""
    given = [unquote(one).lower() or ANY for one in text.split(":")]
    parts, edition = given[:5], given[5] if len(given) > 5 else ANY
    target = ANY
    if edition.startswith("~"):
        packed = [one or ANY for one in edition.split("~")[1:]]
        target = packed[2] if len(packed) > 2 else ANY
    parts += [ANY] * (8 - len(parts))
    return [*parts, target]


def _unquoted(part: str) -> str:
    """Returns a part of a formatted string; a wildcard within it stays, a quoted one becomes a letter."""
    return _ESCAPE.sub(r"\1", part).lower() or ANY


def _fits(theirs: str, ours: str) -> bool:
    """True if a part of a name covers ours; a star at its beginning or end stands for more letters."""
    if ANY in (theirs, ours) or theirs == ours:
        return True
    middle = theirs.strip(ANY)
    if not middle:
        return False
    begins, ends = not theirs.startswith(ANY), not theirs.endswith(ANY)
    if begins and ends:
        return False
    return ours.startswith(middle) if begins else ours.endswith(middle) if ends else middle in ours
