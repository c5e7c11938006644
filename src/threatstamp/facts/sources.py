"""The sources of facts, by the names that the command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from threatstamp.core.facts.assessment import CVELIST, EPSS, KEV, FactSource
from threatstamp.core.facts.document import FactDocument
from threatstamp.facts.cvelist import open_cvelist
from threatstamp.facts.epss import open_epss
from threatstamp.facts.kev import open_kev

SOURCES: Mapping[FactSource, Callable[[Path], FactDocument]] = {
    CVELIST: open_cvelist,
    KEV: open_kev,
    EPSS: open_epss,
}
"""What opens a document of each source. It raises DocumentError for a file that is none."""
