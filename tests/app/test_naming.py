"""Names of products for joining: of one maker they have something in common, and a failure stops nothing."""

from __future__ import annotations

import pytest

from threatstamp.app.naming import KnownNames


def test_products_of_one_maker_have_something_in_common() -> None:
    names = KnownNames()
    assert names.products_of("FortiOSに重大な脆弱性") & names.products_of("FortiManager flaw")
    assert not names.products_of("Chrome zero-day") & names.products_of("Microsoft Edgeの更新")
    assert names.products_of("県立病院でランサムウェア被害") == frozenset()


def test_a_failure_is_logged_once_and_news_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OSError("products.toml is gone")

    monkeypatch.setattr("threatstamp.config.known.catalogue", broken)
    names = KnownNames()
    assert names.products_of("Chrome zero-day") == frozenset()
    assert names.products_of("Chrome zero-day") == frozenset()
    assert len(caplog.records) == 1
