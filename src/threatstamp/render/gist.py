"""What was read out of a story, for programs."""

from __future__ import annotations

from collections.abc import Callable

from threatstamp.core.facts.gist import Gist, StatedScore, stated_cpes, stated_scores
from threatstamp.core.news.entry import Entry


def gist_body(entry: Entry, gist: Gist, scored: Callable[[str], float | None]) -> dict[str, object]:
    """Returns what an entry says, without the products that it names.

    scored: the base score of a vector, where the publisher gives no number.
    """
    return {
        "ids": [one.value for one in gist.ids],
        "kind": gist.subject.kind.value,
        "kind_why": list(gist.subject.why),
        "layer": gist.subject.layer.value,
        "indicators": [{"kind": one.kind.value, "value": one.value} for one in gist.indicators],
        "names": [{"name": one.name, "type": one.type.value, "why": one.why} for one in gist.names],
        "cvss": [_score_body(one, scored) for one in stated_scores(entry)],
        "cpes": list(stated_cpes(entry)),
    }


def _score_body(one: StatedScore, scored: Callable[[str], float | None]) -> dict[str, object]:
    score = one.score if one.score is not None else scored(one.vector)
    return {"version": one.version, "vector": one.vector or None, "score": score, "source": one.source}
