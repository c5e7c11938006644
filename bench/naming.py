"""Names in stories: our finder beside a loop of regular expressions, which must find the same."""

from __future__ import annotations

import random
import re
import time

from threatstamp.core.assets.naming import Name, NameFinder

SYLLABLES = re.findall("..", "kazetomileulaprdexonovishobequanimruhep")
KANA = "カゼトミレウプデオビシベクニルヘネソ"
WORDS = """
fixes a flaw in which lets attackers run code on unpatched systems says vendor の脆弱性を修正 に関する注意喚起
""".split()  # noqa: SIM905


def run(*, quick: bool) -> None:
    """Prints seconds for 10,000 stories and 20,000 names; the loop is measured on a share of the stories."""
    chance = random.Random(7)
    names = _names(chance, 20_000)
    stories = [_story(chance, names) for _ in range(1_000 if quick else 10_000)]
    begun = time.perf_counter()
    finder = NameFinder(Name(text=name, of=name) for name in names)
    built = time.perf_counter() - begun
    begun = time.perf_counter()
    ours = [{one.words for one in finder.find(story)} for story in stories]
    took = time.perf_counter() - begun
    loop = [re.compile(_expression(name)) for name in names]
    share = stories[: 20 if quick else 100]
    begun = time.perf_counter()
    theirs = [_longest({found[0] for one in loop if (found := one.search(story))}) for story in share]
    each = (time.perf_counter() - begun) / len(share)
    same = sum(a == b for a, b in zip(ours, theirs, strict=False))
    print(f"\nnames: {len(names)} in {len(stories)} stories of {len(stories[0])} signs and such")
    print(f"  built in {built:.2f} s; ours {took / len(stories) * 1e6:.0f} µs a story, {took:.2f} s in all")
    print(f"  loop of expressions, {len(share)} stories: {each * 1e3:.1f} ms a story")
    print(
        f"  {each / (took / len(stories)):.0f} times faster; the same names in {same} of {len(share)} stories"
    )


def _longest(names: set[str]) -> set[str]:
    """Returns names without those that are in another one: each story has two names, by chance apart."""
    return {name for name in names if not any(name != other and name in other for other in names)}


def _names(chance: random.Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        if chance.random() < 0.3:
            found["".join(chance.choices(KANA, k=chance.randint(6, 9)))] = None
        else:
            words = ("".join(chance.choices(SYLLABLES, k=4)).title() for _ in range(chance.randint(1, 2)))
            found[" ".join(words)] = None
    return list(found)


def _story(chance: random.Random, names: list[str]) -> str:
    words = chance.choices(WORDS, k=25)
    for name in chance.sample(names, 2):
        words.insert(chance.randrange(len(words)), f"「{name}」")
    return " ".join(words)


def _expression(name: str) -> str:
    return rf"(?<![0-9A-Za-z_]){re.escape(name)}(?![0-9A-Za-z_])" if name.isascii() else re.escape(name)
