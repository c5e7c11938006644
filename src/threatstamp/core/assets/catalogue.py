"""Products that many companies use, with what texts call them: they complete the company's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.naming import Name
from threatstamp.core.assets.product import Product

OS = "os"
"""The tag of what others run on: "for Windows" tells of those."""

_PLAIN_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z._]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProduct:
    """A product that is built in. cpes: its names in CPE, "part:vendor:product", the commonest first."""

    name: str
    vendor: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()

    def cpe(self, version: str = "") -> str:
        """Returns its commonest CPE name as a formatted string; "" if none is known."""
        if not self.cpes:
            return ""
        said = version if _PLAIN_VERSION.fullmatch(version) else "*"
        return f"cpe:2.3:{self.cpes[0]}:{said}:*:*:*:*:*:*:*"


class Catalogue:
    """The built-in products by name. vendors: other names of a vendor."""

    def __init__(self, products: Iterable[KnownProduct], vendors: Mapping[str, Sequence[str]]) -> None:
        self.products = tuple(products)
        self._vendors = {fold(vendor): (vendor, *names) for vendor, names in vendors.items()}
        self._by_name: dict[str, list[KnownProduct]] = {}
        for known in self.products:
            for form in {fold(name) for name in (known.name, *known.aliases)}:
                group = self._by_name.setdefault(form, [])
                group.insert(0 if form == fold(known.name) else len(group), known)

    def find(self, name: str, vendor: str = "") -> KnownProduct | None:
        """Returns the product of this name or alias, and of this vendor unless that is ""."""
        found = self._by_name.get(fold(name), ())
        return next((one for one in found if not vendor or self._is_same(vendor, one.vendor)), None)

    def completed(self, product: Product) -> Product:
        """Returns a company's product with what it leaves out, if it is known by its name or an alias."""
        known = self.known(product)
        if known is None:
            return product
        own = {fold(name) for name in (product.name, *product.aliases)}
        more = dict.fromkeys(name for name in (known.name, *known.aliases) if fold(name) not in own)
        tags = dict.fromkeys((*product.tags, *known.tags))
        return replace(
            product,
            aliases=(*product.aliases, *more),
            vendor=product.vendor or known.vendor,
            cpe=product.cpe or ("" if product.purl else known.cpe(product.version)),
            tags=tuple(tags),
        )

    def known(self, product: Product) -> KnownProduct | None:
        """Returns what is built in about a product: by its name, else by one of its aliases."""
        names = (product.name, *product.aliases)
        found = (self.find(name, product.vendor) for name in names)
        return next((one for one in found if one is not None), None)

    def names(self, products: Iterable[Product]) -> list[Name]:
        """Returns all names to look for in texts: those of the company's products, and the built-in ones.

        The latter, too, since the longest name counts: "Windows Server 2019" is not the "Windows Server" of
        a company. A product that the company has goes by the company's name.
        """
        own = tuple(products)
        ours = {known.name for product in own if (known := self.known(product))}
        found = [self._name(text, one.name, one.vendor, one.tags) for one in own for text in _names(one)]
        for known in self.products:
            if known.name not in ours:
                found += [self._name(text, known.name, known.vendor, known.tags) for text in _names(known)]
        return found

    def vendor_names(self, vendor: str) -> tuple[str, ...]:
        """Returns all names of a vendor."""
        return self._vendors.get(fold(vendor), (vendor,) if vendor else ())

    def _name(self, text: str, of: str, vendor: str, tags: Sequence[str]) -> Name:
        return Name(text=text, of=of, vendors=self.vendor_names(vendor), is_platform=OS in tags)

    def _is_same(self, one: str, other: str) -> bool:
        names = {fold(name) for name in self.vendor_names(other)}
        form = fold(one)
        return form in names or any(form.startswith(name) for name in names if name)


def _names(product: Product | KnownProduct) -> tuple[str, ...]:
    return (product.name, *product.aliases)
