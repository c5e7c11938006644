"""Names of groups and of what they use: the list of the package, and lists in the form of MISP's galaxies."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from threatstamp.core.facts.actors import NamedThreat, NameType

_TYPES = {
    "threat-actor": NameType.ACTOR,
    "mitre-intrusion-set": NameType.ACTOR,
    "microsoft-activity-group": NameType.ACTOR,
    "ransomware": NameType.RANSOMWARE,
    "tool": NameType.TOOL,
    "mitre-tool": NameType.TOOL,
}
"""By a galaxy's type; any other lists malware: https://github.com/MISP/misp-galaxy"""

MOST = 50_000
_ADDED = re.compile(r"\s*(?:\([^()]*\)|\b(?:ransomware|virus)\b)\s*$", re.IGNORECASE)
_PLAIN_WORD = re.compile(r"(?:[Tt]he )?[A-Za-z][a-z]*")


@cache
def known_names() -> tuple[NamedThreat, ...]:
    """Returns the names of the package; read when they are first needed."""
    said = tomllib.loads(files(__package__).joinpath("actors.toml").read_text(encoding="utf-8"))
    common = frozenset(said["common"])
    return tuple(
        NamedThreat(name=name, type=kind, synonyms=tuple(others), common=common)
        for kind in NameType
        for name, others in said[kind.value].items()
    )


def galaxy_names(text: str) -> tuple[NamedThreat, ...]:
    """Reads a cluster of MISP's galaxies. Raises ValueError if it is none.

    Its lists name ransomware "First", "Magic" and "Sport": a single plain word counts only beside a word that
    says what it is.
    """
    cluster = json.loads(text)
    if not isinstance(cluster, dict) or not isinstance(cluster.get("values"), list):
        raise ValueError("no values")
    kind = _TYPES.get(str(cluster.get("type")), NameType.MALWARE)
    return tuple(_known(value, kind) for value in cluster["values"][:MOST] if _is_named(value))


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("value"), str) and bool(value["value"].strip())


def _known(value: dict[str, object], kind: NameType) -> NamedThreat:
    name, *others = dict.fromkeys(_spellings(value))
    common = frozenset(one for one in (name, *others) if _PLAIN_WORD.fullmatch(one))
    return NamedThreat(name=name, type=kind, synonyms=tuple(others), common=common)


def _spellings(value: dict[str, object]) -> Iterator[str]:
    name = str(value["value"]).strip()
    yield _ADDED.sub("", name) or name
    meta = value.get("meta")
    synonyms = meta.get("synonyms") if isinstance(meta, dict) else None
    for one in synonyms if isinstance(synonyms, list) else ():
        if isinstance(one, str) and one.strip():
            yield one.strip()
