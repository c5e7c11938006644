"""The company's products with what was found out about them, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.assets.checking import CheckedProduct, ProductFinding
from threatstamp.core.assets.product import Product
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts

GAP = "  "
MOST_ALIASES = 4
"""Names of a product that a line shows."""


def product_body(product: Product) -> dict[str, object]:
    """Returns a product as JSON has it."""
    return {
        "name": product.name,
        "aliases": list(product.aliases),
        "vendor": product.vendor,
        "version": product.version,
        "cpe": product.cpe,
        "purl": product.purl,
        "owner": product.owner,
        "where": product.where,
        "exposed": product.exposed,
        "criticality": product.criticality,
        "tags": list(product.tags),
    }


def checked_body(checked: CheckedProduct, texts: Texts) -> dict[str, object]:
    """Returns a checked product as JSON has it. known: the name of what is built in, or null."""
    return {
        **product_body(checked.product),
        "known": checked.known.name if checked.known else None,
        "ok": not checked.is_wrong,
        "findings": [
            {"kind": one.fault.value, "wrong": one.is_wrong, "value": one.value, "message": _say(one, texts)}
            for one in checked.findings
        ],
    }


def checked_lines(checked: CheckedProduct, texts: Texts) -> Iterator[str]:
    """Yields what a product is looked for by, and below it what is wrong, with what to do."""
    product = checked.product
    name = clean(product.name)
    names = [clean(alias) for alias in product.aliases[:MOST_ALIASES]]
    more = len(product.aliases) - len(names)
    if names:
        joined = texts("products.between").join(names)
        key = "products.line_more" if more > 0 else "products.line_aliases"
        line = texts(key, name=name, names=joined, count=more)
    else:
        line = texts("products.line_name", name=name)
    yield line
    version = texts("products.version", version=clean(product.version)) if product.version else ""
    details = [clean(product.vendor), version, clean(product.cpe or product.purl)]
    if any(details):
        yield f"     {GAP.join(filter(None, details))}"
    for one in checked.findings:
        yield f"     {texts('products.wrong' if one.is_wrong else 'products.note', message=_say(one, texts))}"


def _say(finding: ProductFinding, texts: Texts) -> str:
    return texts(f"products.fault_{finding.fault.value}", value=clean(finding.value))
