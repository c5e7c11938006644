"""What else a thing is called that somebody asks about: products and groups have many names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from threatstamp.config.actors import known_names
from threatstamp.config.known import catalogue
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.actors import NamedThreat
from threatstamp.desk.views.incident import Sought

MOST_NAMES = 20
_SCHEME = re.compile(r"^h(?:tt|xx)ps?://", re.IGNORECASE)


def sought_for(what: str, products: Sequence[Product], names: Sequence[NamedThreat] = ()) -> Sought:
    """Returns what to look for: the words as asked, and each other name of that product or group.

    products: the company's own. names: of lists beside the built-in ones. Other names count as a whole.
    """
    asked = _SCHEME.sub("", what.strip())
    plain = asked.strip('"').casefold()
    others = (f'"{name}"' for name in _other_names(plain, products, names) if name.casefold() != plain)
    return Sought(what=what.strip(), names=tuple(dict.fromkeys((asked, *others)))[:MOST_NAMES])


def _other_names(plain: str, products: Sequence[Product], names: Sequence[NamedThreat]) -> Iterator[str]:
    for product in products:
        if plain in _folded((product.name, *product.aliases)):
            yield from (product.name, *product.aliases)
    vendor, _, rest = plain.partition(" ")
    known = catalogue().find(plain) or (catalogue().find(rest, vendor) if rest else None)
    if known is not None:
        yield from (known.name, *known.aliases)
    for threat in (*known_names(), *names):
        if plain in _folded((threat.name, *threat.synonyms)):
            yield from (one for one in (threat.name, *threat.synonyms) if one not in threat.common)


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}
