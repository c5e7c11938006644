"""What is wrong with a list of products: what would never be found, and what would be found everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.assets.catalogue import Catalogue, KnownProduct
from threatstamp.core.assets.common import is_common
from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import Product


class ProductFault(StrEnum):
    """What is wrong with a product of a list. Each has a text `products.fault_…`.

    Those of NOTES are worth knowing, and not wrong.
    """

    EVERYWHERE = "everywhere"
    """A name that stands in so many texts that it says nothing."""
    COMMON = "common"
    """An everyday word, and no vendor that could stand beside it."""
    SHORT = "short"
    """One letter."""
    INSIDE = "inside"
    """A name of the company's own, with a product's name in it that would be found alone."""
    CPE = "cpe"
    """No CPE name."""
    PURL = "purl"
    """No package URL."""
    VERSION = "version"
    """Not a version that can be compared."""
    TWICE = "twice"
    """The same as another one in all that matters."""
    SHARED = "shared"
    """A name that another product has, too: texts mean both then."""
    UNKNOWN = "unknown"
    """Not built in: only what the list itself says is looked for."""


NOTES = frozenset({ProductFault.SHARED, ProductFault.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFinding:
    """Something about a product. value: what it is about, as written."""

    fault: ProductFault
    value: str

    @property
    def is_wrong(self) -> bool:
        return self.fault not in NOTES


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProduct:
    """A product with what was found out. known: what is built in about it."""

    product: Product
    known: KnownProduct | None
    findings: tuple[ProductFinding, ...]

    @property
    def is_wrong(self) -> bool:
        return any(one.is_wrong for one in self.findings)


_WORDS = """
windows linux unix os pc app application software service server client database network router firewall gateway
browser cloud vpn web mail security system update internet office android java
サーバ ネットワーク ルータ ファイアウォール ブラウザ クラウド パソコン システム メール アプリ アプリケーション ソフトウェア
セキュリティ 脆弱性 データベース インターネット 端末 社内システム ウィンドウズ リナックス プリンタ 複合機 スマートフォン
"""  # noqa: E501
_EVERYWHERE = frozenset(fold(word) for word in _WORDS.split())
_CPE = re.compile(
    r"cpe:2\.3:[aoh](?::(?!\*:|-:)(?:\\.|[^\\:\s])+){2}(?::(?:\\.|[^\\:\s])+){8}"
    r"|cpe:/[aoh]:[^:\s]+:[^:\s]+(?::[^:\s]*){0,5}"
)
_PURL = re.compile(r"pkg:/{0,2}[A-Za-z][A-Za-z0-9.+-]*/[^\s?#@]+(?:@[^\s?#]+)?(?:\?[^\s#]+)?(?:#\S+)?")
_VERSION = re.compile(r"[A-Za-z]{0,8}[ .-]?\d+(?:[-._+:~ ]{0,2}[0-9A-Za-z]+)*\)?")
_OPEN = re.compile(r"(?:^|[.\d])[xX*](?:\.|$)")
_LATEST = frozenset(fold(word) for word in ("latest", "newest", "current", "any", "all", "unknown"))


def check_products(products: Sequence[Product], catalogue: Catalogue) -> tuple[CheckedProduct, ...]:
    """Returns each product with what is wrong with it, in order."""
    finder = NameFinder(catalogue.names(()))
    owners = Counter(form for one in products for form in {fold(name) for name in _names(one)})
    same = Counter(map(_identity, products))
    vendors = {fold(name) for one in catalogue.products for name in catalogue.vendor_names(one.vendor)}
    found = []
    for product in products:
        known = catalogue.known(product)
        findings = [
            *_of_names(product, known, catalogue=catalogue, vendors=vendors),
            *_of_forms(product),
            *_of_others(product, owners, is_twice=same[_identity(product)] > 1),
        ]
        if known is None and not findings:
            findings += _of_unknown(product, finder)
        each = {one.fault: one for one in reversed(findings)}  # of several names the first says enough
        found.append(CheckedProduct(product=product, known=known, findings=tuple(reversed(each.values()))))
    return tuple(found)


def _of_names(
    product: Product, known: KnownProduct | None, *, catalogue: Catalogue, vendors: set[str]
) -> Iterator[ProductFinding]:
    built_in = {fold(name) for name in (known.name, *known.aliases)} if known else set()
    for name in _names(product):
        form = fold(name)
        if len(re.sub(r"[\W_]", "", name)) <= 1 and not (known and form in built_in):
            yield ProductFinding(fault=ProductFault.SHORT, value=name)
        elif form in _EVERYWHERE or (form in vendors and catalogue.find(name) is None):
            yield ProductFinding(fault=ProductFault.EVERYWHERE, value=name)
        elif is_common(name) and not product.vendor:
            yield ProductFinding(fault=ProductFault.COMMON, value=name)


def _of_forms(product: Product) -> Iterator[ProductFinding]:
    if product.cpe and not _CPE.fullmatch(product.cpe):
        yield ProductFinding(fault=ProductFault.CPE, value=product.cpe)
    if product.purl and not _PURL.fullmatch(product.purl):
        yield ProductFinding(fault=ProductFault.PURL, value=product.purl)
    version = product.version
    is_version = _VERSION.fullmatch(version) and not _OPEN.search(version) and fold(version) not in _LATEST
    if version and not is_version:
        yield ProductFinding(fault=ProductFault.VERSION, value=version)


def _of_others(product: Product, owners: Counter[str], *, is_twice: bool) -> Iterator[ProductFinding]:
    if is_twice:
        yield ProductFinding(fault=ProductFault.TWICE, value=product.name)
        return
    shared = next((name for name in _names(product) if owners[fold(name)] > 1), None)
    if shared is not None:
        yield ProductFinding(fault=ProductFault.SHARED, value=shared)


def _of_unknown(product: Product, finder: NameFinder) -> Iterator[ProductFinding]:
    """A name such as "本番サーバ（nginx）" stands in no text, but what is in it does."""
    if product.aliases or product.cpe or product.purl:
        return
    inside = [key for one in finder.find(product.name) for key in one.of]
    if inside:
        yield ProductFinding(fault=ProductFault.INSIDE, value=inside[0])
    else:
        yield ProductFinding(fault=ProductFault.UNKNOWN, value=product.name)


def _names(product: Product) -> tuple[str, ...]:
    return (product.name, *product.aliases)


def _identity(product: Product) -> tuple[object, ...]:
    return (
        fold(product.name),
        fold(product.vendor),
        product.version,
        product.cpe,
        product.purl,
        product.owner,
        product.where,
        product.exposed,
    )
