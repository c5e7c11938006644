"""Names that people write into the settings, and what they were found to mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownName:
    """A channel's name or a person's handle that was found in the workspace once.

    name: as in the settings, with its sign and in lower case: "#sec-alert", "@yamada". found: the id that it
    stands for from then on. called: what that channel or person was called when seen last, without a sign.
    """

    name: str
    found: str
    called: str
