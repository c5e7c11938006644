"""The rules by which a story's kind and layer are told: the file beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from threatstamp.core.facts.subject import Clue, KindRules, OwnWord, StoryKind, clue, revised
from threatstamp.core.news.feed import Layer


@lru_cache(maxsize=4)
def kind_rules(own: tuple[OwnWord, ...] = ()) -> KindRules:
    """Returns the rules of the package with the company's own words in them."""
    return revised(_built_in(), own)


@cache
def _built_in() -> KindRules:
    said = tomllib.loads(files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
    return KindRules(
        least=said["least"],
        kinds={StoryKind(kind): _clues(words) for kind, words in said["kinds"].items()},
        layers={Layer(layer): _clues(words) for layer, words in said["layers"].items()},
        usual={StoryKind(kind): Layer(layer) for kind, layer in said["usual"].items()},
        leading={StoryKind(kind): tuple(map(Layer, layers)) for kind, layers in said["leading"].items()},
    )


def _clues(words: Mapping[str, int]) -> tuple[Clue, ...]:
    return tuple(clue(said, weight) for said, weight in words.items())
