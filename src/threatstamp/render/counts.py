"""Counts by month as a table, and as bars of characters beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from threatstamp.desk.views.counts import MonthCounts, together
from threatstamp.render.columns import cut, pad, width
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

FIGURES = ("collected", "stamped", "reviewed", "unreviewed", "forwarded", "handled", "undeliverable")
GROUPS = ("routes", "sources", "reactions")
"""What the numbers divide into: `forwarded`, `collected` and `stamped`, in this order."""

MOST_NAMES = 15
"""Of one group; the others are one line."""

LONGEST_NAME, LONGEST_BAR = 36, 50
"""Columns of a terminal."""

GAP = "  "
Row = tuple[str, int]


def count_lines(
    months: Sequence[MonthCounts], texts: Texts, *, columns: int | None = None, ink: str = "#"
) -> Iterator[str]:
    """Yields a table of the months, and what they divide into.

    columns: the width of a terminal, on which bars of `ink` are drawn; None draws none.
    """
    if not months:
        yield texts("counts.empty")
        return
    yield from _table(months, texts)
    if columns is not None and len(months) > 1:
        yield from _section(texts("counts.drawn"), [(one.month, one.stamped) for one in months], columns, ink)
    for group, rows in groups(months, texts).items():
        if rows:
            yield from _section(texts(f"counts.{group}"), rows, columns, ink)


def groups(months: Sequence[MonthCounts], texts: Texts) -> Mapping[str, Sequence[Row]]:
    """Returns the months' sums by route, source and emoji, most first; the last row is all others."""
    return {group: _shortened(together(getattr(one, group) for one in months), texts) for group in GROUPS}


def _shortened(counts: Mapping[str, int], texts: Texts) -> Sequence[Row]:
    rows = [(clean(name), number) for name, number in counts.items()]
    rest = rows[MOST_NAMES:]
    if len(rest) < 2:  # the line that says "1 more" could as well say which
        return rows
    return [*rows[:MOST_NAMES], (texts("counts.others", count=len(rest)), sum(number for _, number in rest))]


def _table(months: Sequence[MonthCounts], texts: Texts) -> Iterator[str]:
    heads = [texts(f"counts.{figure}") for figure in FIGURES]
    first = max(width(texts("counts.month")), *(width(one.month) for one in months))
    yield GAP.join([pad(texts("counts.month"), first), *heads]).rstrip()
    for one in months:
        cells = [str(getattr(one, figure)) for figure in FIGURES]
        aligned = (_right(cell, width(head)) for cell, head in zip(cells, heads, strict=True))
        yield GAP.join([pad(one.month, first), *aligned])


def _section(title: str, rows: Sequence[Row], columns: int | None, ink: str) -> Iterator[str]:
    names = [cut(name, LONGEST_NAME) for name, _ in rows]
    left, digits = max(map(width, names)), len(str(max(number for _, number in rows)))
    most = max(number for _, number in rows)
    # A terminal that draws East Asian signs of ambiguous width in two columns needs twice the room for a bar
    # (https://www.unicode.org/reports/tr11/#Ambiguous), so it gets half of what is there.
    room = 0 if columns is None else min(LONGEST_BAR, (columns - left - digits - 3 * len(GAP)) // 2)
    yield ""
    yield title
    for name, (_, number) in zip(names, rows, strict=True):
        line = f"{GAP}{pad(name, left)}{GAP}{number:>{digits}}"
        yield f"{line}{GAP}{ink * length(number, most=most, room=room)}".rstrip()


def length(number: int, *, most: int, room: int) -> int:
    """Returns how long a bar is: what is not nothing is seen, and the most fills the room."""
    return 0 if number <= 0 or room <= 0 else max(1, round(number * room / most))


def _right(text: str, columns: int) -> str:
    return " " * (columns - width(text)) + text
