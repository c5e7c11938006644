"""The company's products, found by whatever name a record has for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from threatstamp.core.assets.catalogue import Catalogue
from threatstamp.core.assets.common import is_common
from threatstamp.core.assets.cpe import ANY, CpeName, cpe_of
from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.product import Product
from threatstamp.core.assets.purl import purl_of

_NOBODY = frozenset(("", "n/a", "-", "*", "unknown", "unspecified", "multiple", "multiple vendors"))
"""What stands for a vendor where none is named."""

_WORDS_LEFT_OUT = """
ag bv co company corp corporation foundation gmbh group holdings inc incorporated kg kk limited llc ltd nv oy
plc project pte sa se software spa srl systems technologies technology the 株式会社
"""
_LEGAL = frozenset(_WORDS_LEFT_OUT.split())
"""Words of a vendor's name that some write and others leave out."""


class ProductIndex:
    """Products by name, CPE and package URL. Products are told apart by their number in the list."""

    def __init__(self, products: Sequence[Product], catalogue: Catalogue | None = None) -> None:
        """catalogue: what is built in, for further CPE names of products and further names of vendors."""
        self.products = tuple(products)
        self._catalogue = catalogue or Catalogue((), {})
        self._cpes: dict[int, tuple[CpeName, ...]] = {}
        self._by_key: dict[str, list[int]] = {}
        self._by_name: dict[str, set[int]] = {}
        self._by_cpe: dict[str, set[int]] = {}
        self._by_purl: dict[tuple[str, str, str], set[int]] = {}
        for number, product in enumerate(self.products):
            self._by_key.setdefault(product.name, []).append(number)
            for name in (product.name, *product.aliases):
                self._add_name(number, name, product.vendor)
            for cpe in self._add_cpes(number, product):
                self._by_cpe.setdefault(cpe.product, set()).add(number)
                self._add_name(number, cpe.product.replace("_", " "), cpe.vendor)
            if purl := purl_of(product.purl):
                self._by_purl.setdefault((purl.type, purl.namespace, purl.name), set()).add(number)

    def called(self, key: str) -> Sequence[int]:
        """Returns the products of this very name."""
        return self._by_key.get(key, ())

    def by_name(self, vendor: str, product: str) -> set[int]:
        """Returns the products that a record means by vendor and product, each as it writes them."""
        forms = {fold(product), fold(f"{vendor} {product}"), fold(_without_vendor(product, vendor))}
        numbers = {number for form in forms if form for number in self._by_name.get(form, ())}
        return {number for number in numbers if self._is_of(self.products[number], vendor, product)}

    def by_cpe(self, text: str) -> set[int]:
        """Returns the products that a CPE name covers; those without a CPE of their own go by their names."""
        theirs = cpe_of(text)
        if theirs is None:
            return set()
        is_open = ANY in theirs.product
        near = set(self._cpes) if is_open else self._by_cpe.get(theirs.product, set())
        found = {number for number in near if any(map(theirs.covers, self._cpes[number]))}
        if theirs.vendor == ANY or is_open or theirs.target not in (ANY, "-"):
            return found
        named = self.by_name(theirs.vendor.replace("_", " "), theirs.product.replace("_", " "))
        return found | {number for number in named if number not in self._cpes}

    def by_purl(self, text: str) -> set[int]:
        purl = purl_of(text)
        return self._by_purl.get((purl.type, purl.namespace, purl.name), set()) if purl else set()

    def _add_cpes(self, number: int, product: Product) -> tuple[CpeName, ...]:
        """Notes a product's own CPE name, and those that are built in for the same product."""
        known = None if product.purl else self._catalogue.known(product)
        more = [f"cpe:2.3:{one}" for one in known.cpes] if known else []
        cpes = tuple(dict.fromkeys(cpe for one in (product.cpe, *more) if (cpe := cpe_of(one))))
        if cpes:
            self._cpes[number] = cpes
        return cpes

    def _add_name(self, number: int, name: str, vendor: str) -> None:
        for form in filter(None, {fold(name), fold(_without_vendor(name, vendor))}):
            self._by_name.setdefault(form, set()).add(number)

    def _is_of(self, product: Product, vendor: str, name: str) -> bool:
        """True unless a product of this name is certainly somebody else's."""
        own = cpe_of(product.cpe)
        ours = [one for one in (product.vendor, own.vendor.replace("_", " ") if own else "") if one]
        if vendor.strip().lower() in _NOBODY:
            return not is_common(name)
        if not ours:
            return _is_makers_own(product, vendor) if product.purl else not is_common(name)
        return any(is_same_vendor(name, vendor) for one in ours for name in self._vendor_names(one))

    def _vendor_names(self, vendor: str) -> tuple[str, ...]:
        return self._catalogue.vendor_names(vendor) or (vendor,)


def version_of(product: Product) -> str:
    """Returns the version in use, "" if it is not known: the product's own, or that of its CPE or purl."""
    cpe, purl = cpe_of(product.cpe), purl_of(product.purl)
    named = cpe.version if cpe and cpe.has_version else ""
    return product.version.strip() or named or (purl.version if purl else "")


def is_same_vendor(one: str, other: str) -> bool:
    """True if two names may be one vendor's: "Apache" and "The Apache Software Foundation".

    Names in different scripts are not compared: one may be the other one's spelling.
    """
    ours, theirs = _words(one), _words(other)
    if not ours or not theirs or _is_latin(ours) != _is_latin(theirs):
        return True
    shorter, longer = sorted((ours, theirs), key=len)
    return longer[: len(shorter)] == shorter or "".join(ours) == "".join(theirs)


def _is_makers_own(product: Product, vendor: str) -> bool:
    """True if a vendor is called like a package or a part of its namespace, as in "lodash, lodash".

    There are millions of packages, and a name alone is somebody else's product too often.
    """
    purl = purl_of(product.purl)
    names = (product.name, *(purl.namespace.split("/") if purl else ()))
    return fold(vendor) in {fold(name.strip("@")) for name in names}


def _without_vendor(name: str, vendor: str) -> str:
    """Returns a product's name without the vendor's at its beginning: "Edge" for "Microsoft Edge"."""
    words, own = name.split(), _words(vendor)
    at = 0
    while at < min(len(words) - 1, len(own)) and words[at].lower() == own[at]:
        at += 1
    return " ".join(words[at:])


def _words(vendor: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", vendor).lower()
    words = [one for one in re.split(r"[\W_]+", plain.replace("株式会社", " 株式会社 ")) if one]
    return tuple(one for one in words if one not in _LEGAL) or tuple(words)


def _is_latin(words: Iterable[str]) -> bool:
    return all(one.isascii() for one in words)
