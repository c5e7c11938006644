"""A product that the company runs or sells, as the settings file or a list names it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.assets.finding import ScannerFinding

SBOM = "sbom"
"""The tag of products that come from an SBOM: they are matched with facts, not looked for in texts, where the
names of libraries are everyday words."""


class Where(StrEnum):
    """Where a product runs. Each has words `where_…` in the catalogue `products`."""

    STAFF = "staff"
    """On the staff's computers."""
    SERVER = "server"
    SAAS = "saas"
    NETWORK = "network"


class Criticality(StrEnum):
    """How much hangs on a product. Each has words `criticality_…` in the catalogue `products`."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product. None and empty: not known.

    aliases: other names of it in texts. version: the one in use, as its maker writes it. cpe: a CPE 2.3
    formatted string. purl: a package URL. owner: who looks after it, a user's or group's id or name, as
    written. exposed: whether the internet reaches it. tags: the house's own words, which rules may ask for.
    findings: what scanners found in it, each CVE once.
    """

    name: str
    aliases: tuple[str, ...] = ()
    vendor: str = ""
    version: str = ""
    cpe: str = ""
    purl: str = ""
    owner: str = ""
    where: Where | None = None
    exposed: bool | None = None
    criticality: Criticality | None = None
    tags: tuple[str, ...] = ()
    findings: tuple[ScannerFinding, ...] = field(default=(), repr=False, hash=False)  # may be thousands
