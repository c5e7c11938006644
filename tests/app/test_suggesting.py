"""What the form of an update call begins with."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from tests.desk.cases.test_act import CASED, stamp
from tests.desk.stamps.test_any_order import Desk
from tests.support.facts import CVE, cvelist_said, known
from tests.support.fakes import FakeFacts
from threatstamp.app.matching import lore
from threatstamp.app.suggesting import Suggesting
from threatstamp.core.assets.product import Product
from threatstamp.core.cases.call import Suggestion
from threatstamp.core.facts.assessment import Affected, VersionRange

OURS = Product(name="箱舟ブラウザ", aliases=("Hakobune Browser",), vendor="Hakobune")


def affected(product: str, *ends: str) -> Affected:
    ranges = tuple(VersionRange(first="0", before=end) for end in ends)
    return Affected(vendor="Hakobune", product=product, ranges=ranges)


def suggested(*said: Affected, products: tuple[Product, ...] = (OURS,)) -> Suggestion:
    with closing(Desk()) as desk:
        desk.tools.in_force.now = replace(CASED, products=products)
        vulnerability = known(cvelist_said(CVE, affected=said))
        desk.tools = replace(desk.tools, facts=FakeFacts(vulnerabilities={CVE: vulnerability}))
        desk.slack.snapshot = replace(
            desk.slack.snapshot, title=f"脆弱性 {CVE}", link="https://news.example/1"
        )
        stamp(desk)
        desk.deliver_all()
        with desk.store.reading() as read:
            [case] = read.cases.every()
        return Suggesting(desk.tools, lore).of(case)


@pytest.mark.parametrize(
    ("said", "products", "what", "version"),
    [
        ((affected("Hakobune Browser", "9.2", "10.1"),), (OURS,), "箱舟ブラウザ", "10.1"),
        ((affected("Other", "3"), affected("Hakobune Browser", "9.2")), (OURS,), "箱舟ブラウザ", "9.2"),
        ((affected("Hakobune Browser", "9.2"),), (), "Hakobune Browser", "9.2"),
        ((affected("Hakobune Browser", "9.2"), affected("Other", "3")), (), "", ""),
        ((affected("Hakobune Browser", "9.2", "spring"),), (OURS,), "箱舟ブラウザ", ""),
        ((), (OURS,), "", ""),
    ],
)
def test_it_begins_with_the_product_and_the_version_in_which_the_last_flaw_is_fixed(
    said: tuple[Affected, ...], products: tuple[Product, ...], what: str, version: str
) -> None:
    found = suggested(*said, products=products)
    assert (found.what, found.version, found.link) == (what, version, "https://news.example/1")


def test_what_cannot_be_found_out_is_left_empty() -> None:
    with closing(Desk()) as desk:
        desk.tools.in_force.now = CASED
        stamp(desk)
        with desk.store.reading() as read:
            [case] = read.cases.every()

        class Broken(FakeFacts):
            def known(self, cves: object) -> tuple[()]:
                raise ValueError("a fault of ours")

        desk.tools = replace(desk.tools, facts=Broken())
        assert Suggesting(desk.tools, lore).of(case) == Suggestion()
