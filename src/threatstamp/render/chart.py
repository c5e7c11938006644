"""Counts by month as a picture (SVG) that shows its Japanese wherever there is a Japanese font.

Written by hand: https://www.w3.org/TR/SVG11/. A picture of text elements names fonts and brings none, so it
stays small, its words can be read aloud and found, and nothing loads from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from threatstamp.desk.views.counts import MonthCounts
from threatstamp.render.columns import cut
from threatstamp.render.counts import LONGEST_NAME, Row, groups, length
from threatstamp.texts.catalogue import Texts

FONTS = "'Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','Yu Gothic','Meiryo','IPAGothic',sans-serif"
PANELS = ("collected", "stamped", "forwarded", "undeliverable")
MARGIN, STEP, BAR = 24, 64, 36
"""Points: around everything; from month to month; the width of a month's bar."""

TALLEST, LONGEST = 72, 260
"""Points: the highest bar of a month, the longest one of a name."""

NARROWEST, NAMES, LINE, HEADING = 640, 250, 22, 40
"""Points: the picture's width at least; the column of names; a row; a heading with the space around it."""

STYLE = (
    f"text{{font:13px {FONTS};fill:#1d1c1d}}.t{{font-size:18px;font-weight:bold}}.h{{font-weight:bold}}"
    ".n{fill:#616061}.m{text-anchor:middle}.e{text-anchor:end}rect{fill:#1264a3}.p{fill:#fff}.u{fill:#c01343}"
    "@media (prefers-color-scheme:dark){text{fill:#e8e8e8}.n{fill:#ababad}rect{fill:#4ea3e0}.p{fill:#1a1d21}"
    ".u{fill:#f2637e}}"
)


def chart_lines(months: Sequence[MonthCounts], texts: Texts) -> Iterator[str]:
    """Yields an SVG picture: each number by month with a scale of its own, and what they divide into."""
    wide = max(NARROWEST, 2 * MARGIN + STEP * len(months))
    parts, high = _drawn(months, texts)
    title = texts("counts.title_of", first=months[0].month, last=months[-1].month) if months else ""
    title = title or texts("counts.title")
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}"'
        f' role="img" aria-labelledby="t" xml:lang="{texts.language}" lang="{texts.language}">\n'
    )
    yield f'<title id="t">{escape(title)}</title>\n<style>{STYLE}</style>\n'
    yield f'<rect class="p" width="{wide}" height="{high}"/>\n'
    yield _text(MARGIN, MARGIN + 14, title, "t")
    yield from parts
    yield "</svg>\n"


def _drawn(months: Sequence[MonthCounts], texts: Texts) -> tuple[list[str], int]:
    """Returns the parts, and how high the picture is with them."""
    top, parts = MARGIN + 24, list[str]()
    if not months:
        return [_text(MARGIN, top + HEADING, texts("counts.empty"))], top + 2 * HEADING
    for figure in PANELS:
        rows = [(one.month, int(getattr(one, figure))) for one in months]
        parts += _columns(rows, top, texts(f"counts.{figure}"), kind="u" if figure == "undeliverable" else "")
        top += HEADING + TALLEST + 2 * LINE
    for group, found in groups(months, texts).items():
        if found:
            parts += _bars(found, top, texts(f"counts.{group}"))
            top += HEADING + LINE * len(found)
    return parts, top + MARGIN


def _columns(rows: Sequence[Row], top: int, title: str, *, kind: str) -> Iterator[str]:
    """Yields a bar a month, with its number above it and the month below."""
    most, floor = max(number for _, number in rows), top + HEADING + TALLEST + LINE
    yield _text(MARGIN, top + HEADING - 14, title, "h")
    for place, (month, number) in enumerate(rows):
        middle, high = MARGIN + STEP * place + STEP // 2, length(number, most=most, room=TALLEST)
        if high:
            yield _rect(middle - BAR // 2, floor - high, BAR, high, kind)
        yield _text(middle, floor - high - 5, str(number), "m")
        yield _text(middle, floor + 16, month, "m n")


def _bars(rows: Sequence[Row], top: int, title: str) -> Iterator[str]:
    """Yields a bar a name, with its number behind it."""
    most = max(number for _, number in rows)
    yield _text(MARGIN, top + HEADING - 14, title, "h")
    for place, (name, number) in enumerate(rows):
        line, long = top + HEADING + LINE * place, length(number, most=most, room=LONGEST)
        yield _text(MARGIN + NAMES - 10, line + 13, cut(name, LONGEST_NAME), "e")
        yield _rect(MARGIN + NAMES, line + 2, long, LINE - 8, "")
        yield _text(MARGIN + NAMES + long + 8, line + 13, str(number), "n")


def _rect(x: int, y: int, wide: int, high: int, kind: str) -> str:
    known = f' class="{kind}"' if kind else ""
    return f'<rect{known} x="{x}" y="{y}" width="{wide}" height="{high}"/>\n'


def _text(x: int, y: int, words: str, kind: str = "") -> str:
    known = f' class="{kind}"' if kind else ""
    return f'<text{known} x="{x}" y="{y}">{escape(words)}</text>\n'
