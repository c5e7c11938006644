"""The sources of facts, by the names that the command line knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from threatstamp.core.facts.assessment import CVELIST, EPSS, GHSA, JVN, KEV, NVD, OSV, FactSource
from threatstamp.core.facts.document import FactDocument
from threatstamp.facts.cvelist import open_cvelist
from threatstamp.facts.epss import open_epss
from threatstamp.facts.ghsa import open_ghsa
from threatstamp.facts.jvn import open_jvn
from threatstamp.facts.kev import open_kev
from threatstamp.facts.nvd import open_nvd
from threatstamp.facts.osv import open_osv

SOURCES: Mapping[FactSource, Callable[[Path], FactDocument]] = {
    CVELIST: open_cvelist,
    NVD: open_nvd,
    KEV: open_kev,
    EPSS: open_epss,
    JVN: open_jvn,
    OSV: open_osv,
    GHSA: open_ghsa,
}
"""What opens a document of each source. It raises DocumentError for a file that is none."""
