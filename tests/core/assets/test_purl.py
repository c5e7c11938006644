"""Package URLs: the same package is the same, however its URL is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.assets.purl import purl_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pkg:npm/left-pad@1.3.0", ("npm", "", "left-pad", "1.3.0")),
        ("pkg:npm/%40hakobune/ftp@1.0.0-rc.1?os=linux#lib", ("npm", "@hakobune", "ftp", "1.0.0-rc.1")),
        ("pkg:npm/@hakobune/ftp", ("npm", "@hakobune", "ftp", "")),
        ("PKG:PyPI/Hakobune_FTP@1.0", ("pypi", "", "hakobune-ftp", "1.0")),
        ("pkg:maven/org.example/Core@2.0", ("maven", "org.example", "Core", "2.0")),
        ("pkg:golang/example.org/a/b@v1.2.3", ("golang", "example.org/a", "b", "v1.2.3")),
        ("pkg://deb/debian/curl@1%3A7.88.1-10", ("deb", "debian", "curl", "1:7.88.1-10")),
    ],
)
def test_a_package_is_read(text: str, expected: tuple[str, ...]) -> None:
    found = purl_of(text)
    assert found is not None
    assert (found.type, found.namespace, found.name, found.version) == expected


@pytest.mark.parametrize(
    "text",
    ["", "npm/left-pad", "pkg:", "pkg:npm", "pkg:npm/", "pkg:/left-pad", "pkg:9/a", "pkg:npm/" + "a" * 500],
)
def test_anything_else_is_none(text: str) -> None:
    assert purl_of(text) is None


@given(st.text(max_size=30), st.sampled_from(["pkg:", "pkg:npm/", "pkg:npm/a@", ""]))
def test_any_text_is_a_package_or_none(text: str, begin: str) -> None:
    found = purl_of(begin + text)
    assert found is None or found.name
