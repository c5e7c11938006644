"""The comparison with the old script: a table of the days, and the lines of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from threatstamp.desk.views.shadow import Compared, ShadowDay, Side
from threatstamp.render.columns import pad, width
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

GAP = "  "


def shadow_lines(
    days: Sequence[ShadowDay],
    texts: Texts,
    *,
    say: Callable[[int], str],
    names: Mapping[str, str],
) -> Iterator[str]:
    """Yields the table and the lists. say: a moment as people say it. names: of channels, by their ids."""
    if not days:
        yield texts("shadow.empty")
        return
    yield from _table(days, texts)
    for side in (Side.ONLY_OURS, Side.ONLY_THEIRS, Side.SAME):
        lines = [line for day in days for line in day.lines if line.side is side]
        if lines:
            yield ""
            yield texts(f"shadow.list_{side.value}")
        for line in lines:
            yield f"{GAP}{_line(line, texts, say=say, names=names)}"
            yield f"{GAP}{GAP}{clean(line.link or f'{line.post.channel} {line.post.ts}')}"


def _table(days: Sequence[ShadowDay], texts: Texts) -> Iterator[str]:
    heads = [texts(f"shadow.{side.value}") for side in Side]
    rows = [(day.day, [str(day.count(side)) for side in Side]) for day in days]
    if len(days) > 1:
        rows.append((texts("shadow.total"), [str(sum(day.count(side) for day in days)) for side in Side]))
    first = max(width(name) for name in (texts("shadow.day"), *(name for name, _ in rows)))
    yield GAP.join([pad(texts("shadow.day"), first), *heads])
    for name, cells in rows:
        aligned = (" " * (width(head) - width(cell)) + cell for cell, head in zip(cells, heads, strict=True))
        yield GAP.join([pad(name, first), *aligned])


def _line(line: Compared, texts: Texts, *, say: Callable[[int], str], names: Mapping[str, str]) -> str:
    parts = [
        say(line.at),
        clean(names.get(line.channel, line.channel)),
        f":{clean(line.reaction)}:" if line.reaction else "",
        f"#{line.departure}" if line.departure is not None else "",
        texts(f"shadow.why_{line.why.value}") if line.why else "",
    ]
    return GAP.join(part for part in parts if part)
