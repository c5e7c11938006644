"""`make eval`: recall and precision of our reading of lines, beside two naive readers, and the misses."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from eval.joins import print_joins
from eval.lines import LANGUAGES, TASKS, Line, Said, lines, more_kinds, pairs
from eval.readers import READERS, ours
from threatstamp.config.known import catalogue

HALVES = ("tune", "held")


def main() -> None:
    parser = argparse.ArgumentParser(prog="eval")
    parser.add_argument("--half", choices=HALVES, help="only the lines of this half")
    given = parser.parse_args()
    known = [line for line in lines() if given.half in {None, line.half}]
    print(f"{len(known)} lines, " + ", ".join(_count(known, one) for one in LANGUAGES))
    halves = [given.half] if given.half else HALVES
    for half in halves:
        _table(f"half {half!r}", [line for line in known if line.half == half])
    for language in LANGUAGES:
        _table(f"language {language!r}", [line for line in known if line.language == language])
    _table("all", known)
    more = [line for line in more_kinds() if given.half in {None, line.half}]
    for half in halves:
        _table(f"kinds.tsv, half {half!r}", [line for line in more if line.half == half], ("kind",))
    _kinds([*known, *more])
    print_joins([pair for pair in pairs() if given.half in {None, pair.half}], halves)
    for task in TASKS:
        _missed(task, [*known, *more] if task == "kind" else known)


def _count(known: Iterable[Line], language: str) -> str:
    return f"{language} {sum(line.language == language for line in known)}"


def _table(title: str, known: list[Line], tasks: Iterable[str] = TASKS) -> None:
    """Prints recall / precision in per cent: of all things in all lines together."""
    head = "".join(f"{name:>18}" for name, _ in READERS)
    print(f"\n{title + ', recall / precision':<34}{head}")
    read = {
        name: [(_expected(line.said), _expected(way(line.text))) for line in known] for name, way in READERS
    }
    for task in tasks:
        there = sum(len(line.said[task]) for line in known)
        cells = "".join(f"{_rates(read[name], task):>18}" for name, _ in READERS)
        print(f"  {task:<12}{there:>6} to find     {cells}")


def _rates(read: list[tuple[Said, Said]], task: str) -> str:
    right = sum(len(said[task] & found[task]) for said, found in read)
    there = sum(len(said[task]) for said, _ in read)
    given = sum(len(found[task]) for _, found in read)
    return f"{100 * right / (there or 1):.1f} / {100 * right / (given or 1):.1f}"


def _expected(said: Said) -> Said:
    """Returns what is said with each product by its built-in name, and without versions."""
    return {**said, "products": frozenset(_product(name) for name in said.get("products", ()))}


def _product(name: str) -> str:
    known = catalogue().find(name.partition("@")[0])
    return known.name if known else name.partition("@")[0]


def _kinds(known: list[Line]) -> None:
    there, given, right = Counter[str](), Counter[str](), Counter[str]()
    for line in known:
        (said,), (found,) = line.said["kind"], ours(line.text)["kind"]
        there[said] += 1
        given[found] += 1
        right[said] += said == found
    print("\nkinds, ours                    lines  recall / precision")
    for kind, count in there.most_common():
        rates = f"{100 * right[kind] / count:.1f} / {100 * right[kind] / (given[kind] or 1):.1f}"
        print(f"  {kind:<28}{count:>6}   {rates}")


def _missed(task: str, known: list[Line]) -> None:
    print(f"\n{task}: what is missed (-) and what is found too much (+)")
    for line in known:
        said, found = _expected(line.said)[task], _expected(ours(line.text))[task]
        if said != found:
            signs = [f"-{one}" for one in sorted(said - found)] + [f"+{one}" for one in sorted(found - said)]
            print(f"  {line.half}  {' '.join(signs)}  | {line.text}")


if __name__ == "__main__":
    main()
