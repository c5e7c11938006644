"""CPE names in both forms mean the same products."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.assets.cpe import ANY, cpe_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cpe:2.3:o:fortinet:fortios:7.4.3:*:*:*:*:*:*:*", ("o", "fortinet", "fortios", "7.4.3", "*")),
        (
            "cpe:2.3:a:hakobune:ftp\\:plus:1\\.0:sp1:*:*:*:*:*:*",
            ("a", "hakobune", "ftp:plus", "1.0 sp1", "*"),
        ),
        ("cpe:2.3:a:Hakobune:FTP", ("a", "hakobune", "ftp", "*", "*")),
        (
            "cpe:2.3:a:hakobune:forms:1.2:-:*:*:*:wordpress:*:*",
            ("a", "hakobune", "forms", "1.2", "wordpress"),
        ),
        ("cpe:/a:hakobune:ftp:1.0:sp1", ("a", "hakobune", "ftp", "1.0 sp1", "*")),
        ("cpe:/a:hakobune:ftp%2bplus", ("a", "hakobune", "ftp+plus", "*", "*")),
        ("cpe:/a:hakobune:forms:1.2::~~~wordpress~~", ("a", "hakobune", "forms", "1.2", "wordpress")),
    ],
)
def test_a_name_is_read_without_its_quoting(text: str, expected: tuple[str, ...]) -> None:
    found = cpe_of(text)
    assert found is not None
    assert (found.part, found.vendor, found.product, found.version, found.target) == expected


@pytest.mark.parametrize(
    "text",
    ["", "fortios", "cpe:2.3:", "cpe:2.3:a:hakobune:*", "cpe:2.3:x:hakobune:ftp", "cpe:/", "cpe:/a", "cpe:2.3:a:b:" + "c" * 500],
)  # fmt: skip
def test_what_means_no_product_is_no_name(text: str) -> None:
    assert cpe_of(text) is None


@pytest.mark.parametrize(
    ("theirs", "ours", "expected"),
    [
        ("cpe:2.3:a:hakobune:ftp:*", "cpe:2.3:a:hakobune:ftp:1.0", True),
        ("cpe:2.3:a:hakobune:ftp:2.0", "cpe:/a:hakobune:ftp", True),
        ("cpe:2.3:a:*:ftp", "cpe:2.3:a:hakobune:ftp", True),
        ("cpe:2.3:a:hakobune:ftp*", "cpe:2.3:a:hakobune:ftp_server", True),
        ("cpe:2.3:a:hakobune:ftp", "cpe:2.3:a:hakobune:ftp_server", False),
        ("cpe:2.3:o:hakobune:ftp", "cpe:2.3:a:hakobune:ftp", False),
        ("cpe:2.3:a:hakobune:ftp:*:*:*:*:*:wordpress", "cpe:2.3:a:hakobune:ftp:*:*:*:*:*:drupal", False),
        ("cpe:2.3:a:hakobune:ftp:*:*:*:*:*:wordpress", "cpe:2.3:a:hakobune:ftp", True),
    ],
)
def test_a_name_covers_a_product_whatever_its_version(theirs: str, ours: str, expected: bool) -> None:
    one, other = cpe_of(theirs), cpe_of(ours)
    assert one is not None
    assert other is not None
    assert one.covers(other) is expected


@given(st.text(max_size=40), st.sampled_from(["", "cpe:2.3:", "cpe:2.3:a:", "cpe:/", "cpe:/a:"]))
def test_any_text_is_a_name_or_none(text: str, begin: str) -> None:
    found = cpe_of(begin + text)
    assert found is None or found.product != ANY
