"""What the company's vulnerability scanner has found in its products, as a list beside the settings says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.facts.cve import CveId


class FindingState(StrEnum):
    """What becomes of a finding. Each has words `scan_…` and `finding_…` in the catalogue `matching`."""

    OPEN = "open"
    FIXED = "fixed"
    """On all hosts on which it was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerFinding:
    """A vulnerability that scanners found in one product.

    state: open while it is on one host. count: on how many hosts it is, or was if it is fixed; 0 if none is
    named. hosts: the first of these. found_at: the last day, "2026-11-20". scanner: who says so. "" for what
    is not said.
    """

    cve: CveId
    state: FindingState
    count: int = 0
    hosts: tuple[str, ...] = ()
    found_at: str = ""
    scanner: str = ""
