"""The products that are built in: products.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from threatstamp.core.assets.catalogue import Catalogue, KnownProduct


@cache
def catalogue() -> Catalogue:
    """Returns the built-in products, read once."""
    text = files(__package__).joinpath("products.toml").read_text(encoding="utf-8")
    body = tomllib.loads(text)
    products = (
        KnownProduct(
            name=one["name"],
            vendor=one["vendor"],
            aliases=tuple(one.get("aliases", ())),
            tags=tuple(one.get("tags", ())),
            cpes=tuple(one.get("cpes", ())),
        )
        for one in body["products"]
    )
    return Catalogue(products, body["vendors"])
