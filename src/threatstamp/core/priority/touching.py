"""Which of the company's products a story concerns, as it is kept and shown with the story's priority."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from threatstamp.core.assets.match import Match
from threatstamp.core.assets.product import Criticality
from threatstamp.core.assets.versions import Standing

MOST = 20
"""So many products are kept with a story, the gravest ones."""

LONGEST = 200
"""Characters of a name that a source has for a product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A product that a story concerns, or does not, with the reason that decides.

    version: ours. where: where it runs. Both are "" if that is not known. ground, standing, source,
    vulnerability, named: as in `MatchReason`. comparison: of the versions, "1.2.4 < 1.3". late: it was found
    only after the story had been assessed without it, by new facts or a changed list of products. scan: a
    `FindingState`, of what scanners found; "" if nothing.
    """

    product: str
    version: str
    where: str
    ground: str
    standing: str
    source: str
    vulnerability: str
    named: str
    comparison: str
    late: bool = False
    scan: str = ""

    @property
    def is_ours(self) -> bool:
        """True unless it is sure that our version is not affected."""
        return self.standing != Standing.NOT_AFFECTED


def touches_of(matches: Iterable[Match], before: Sequence[Touch] | None) -> tuple[Touch, ...]:
    """Returns what is kept of matches. before: what was kept last; None if nothing was matched yet."""
    known = None if before is None else {one.product: one.late for one in before}
    return tuple(
        _touch(one, late=known is not None and known.get(one.product.name, True))
        for one in sorted(matches, key=_gravity)[:MOST]
    )


def _touch(match: Match, *, late: bool) -> Touch:
    reason, product = match.deciding, match.product
    return Touch(
        product=product.name,
        version=match.version,
        where=product.where.value if product.where else "",
        ground=reason.ground.value,
        standing=reason.standing.value,
        source=reason.source,
        vulnerability=reason.vulnerability,
        named=reason.named[:LONGEST],
        comparison=reason.placing.comparison[:LONGEST],
        late=late,
        scan=match.scan.value if match.scan else "",
    )


_STANDINGS = tuple(Standing)
_CRITICALITIES = (*Criticality, None)


def _gravity(match: Match) -> tuple[int, bool, int]:
    """What is surest and matters most comes first."""
    product = match.product
    return (
        _STANDINGS.index(match.standing),
        not product.exposed,
        _CRITICALITIES.index(product.criticality),
    )


def foremost(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Returns those that may concern us and are as sure as the surest one, at most MOST."""
    ordered = sorted((one for one in matches if one.touches), key=_gravity)[:MOST]
    return tuple(one for one in ordered if one.standing is ordered[0].standing)


def touch_body(touch: Touch) -> dict[str, object]:
    """Returns a touch as the record has it."""
    return asdict(touch)


def late_ones(touches: Iterable[Touch], before: Sequence[Touch] | None) -> tuple[Touch, ...]:
    """Returns the products that were found only now, of those that may be concerned."""
    known = {one.product for one in before or () if one.is_ours}
    return tuple(one for one in touches if one.late and one.is_ours and one.product not in known)


def write_touches(touches: Sequence[Touch]) -> str:
    """Returns them as JSON text."""
    return json.dumps([touch_body(one) for one in touches], ensure_ascii=False)


def read_touches(text: str | None) -> tuple[Touch, ...] | None:
    """Returns what `write_touches` wrote; None if nothing was matched, or the text is none of ours."""
    if text is None:
        return None
    try:
        return tuple(Touch(**one) for one in json.loads(text))
    except (ValueError, TypeError):
        return None
