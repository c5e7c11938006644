"""The built-in products are facts in one form, and complete the company's own."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from threatstamp.config.known import catalogue
from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import Product

_CPE = re.compile(r"[ao]:[a-z0-9_.\\!-]+:[a-z0-9_.\\!&+-]+")
_TAG = re.compile(r"[a-z]+(?:-[a-z]+)*")


def test_every_product_has_a_vendor_tags_and_well_formed_cpe_names() -> None:
    assert len(catalogue().products) >= 150
    for one in catalogue().products:
        assert one.vendor, one.name
        assert one.tags, one.name
        assert all(_TAG.fullmatch(tag) for tag in one.tags), one.name
        assert all(_CPE.fullmatch(cpe) for cpe in one.cpes), one.name


def test_no_name_stands_for_two_products() -> None:
    forms = [
        form for one in catalogue().products for form in {fold(name) for name in (one.name, *one.aliases)}
    ]
    assert [form for form, count in Counter(forms).items() if count > 1] == []


def test_no_cpe_name_stands_for_two_products() -> None:
    cpes = [cpe for one in catalogue().products for cpe in one.cpes]
    assert [cpe for cpe, count in Counter(cpes).items() if count > 1] == []


def test_browsers_are_tagged_as_such() -> None:
    browsers = {one.name for one in catalogue().products if "browser" in one.tags}
    assert {"Google Chrome", "Microsoft Edge", "Firefox", "Safari"} <= browsers


@pytest.mark.parametrize("name", [one.name for one in catalogue().products])
def test_each_is_found_by_its_own_name_beside_its_vendor(name: str) -> None:
    known = catalogue().find(name)
    assert known is not None
    finder = NameFinder(catalogue().names(()))
    found = finder.find(f"{known.vendor}の{name}に脆弱性")
    assert name in {key for one in found for key in one.of}


def test_a_product_of_a_known_name_gets_what_it_leaves_out() -> None:
    done = catalogue().completed(Product(name="fortigate", version="7.4.3", tags=("東京",)))
    assert done.name == "fortigate"
    assert done.vendor == "Fortinet"
    assert {"FortiOS", "フォーティゲート"} <= set(done.aliases)
    assert "FortiGate" not in done.aliases
    assert done.cpe == "cpe:2.3:o:fortinet:fortios:7.4.3:*:*:*:*:*:*:*"
    assert done.tags[0] == "東京"
    assert "vpn" in done.tags


def test_what_a_product_says_itself_stays() -> None:
    own = Product(name="nginx", vendor="NGINX", cpe="cpe:2.3:a:nginx:nginx:1.26.1:*:*:*:*:*:*:*")
    assert catalogue().completed(own) == own  # another vendor's
    own = Product(name="社内Wiki", aliases=("Confluence",), purl="pkg:generic/confluence")
    done = catalogue().completed(own)
    assert (done.vendor, done.cpe, done.name) == ("Atlassian", "", "社内Wiki")


def test_a_product_of_an_unknown_name_stays_as_it_is() -> None:
    own = Product(name="社内販売管理")
    assert catalogue().completed(own) == own


def test_the_longest_name_counts_also_where_it_is_not_the_companys() -> None:
    own = catalogue().completed(Product(name="本社サーバ", aliases=("Windows Server 2022",)))
    finder = NameFinder(catalogue().names([own]))
    assert [one.of for one in finder.find("Windows Server 2022の更新")] == [("本社サーバ",)]
    assert [one.of for one in finder.find("Windows Server 2019の更新")] == [("Windows Server 2019",)]
