"""Bodies are unpacked as they come, and never beyond their limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.http.bodies import Body
from threatstamp.http.errors import ExchangeError
from threatstamp.http.patience import read_retry_after


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "identity": lambda data: data,
    "gzip": gzip.compress,
    "x-gzip": lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:]),
    "GZip": lambda data: gzip.compress(data) + b"\0" * 600,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
}


def read(encoding: str, packed: bytes, *, most: int = 10_000, step: int = 1) -> bytes:
    body = Body(encoding, most=most)
    for start in range(0, len(packed), step):
        body.take(packed[start : start + step])
    return body.finish()


def reason(encoding: str, packed: bytes, *, most: int = 10_000, step: int = 7) -> str:
    with pytest.raises(ExchangeError) as caught:
        read(encoding, packed, most=most, step=step)
    return caught.value.problem.reason


@pytest.mark.parametrize("encoding", PACKED)
@given(data=st.binary(max_size=300), step=st.integers(1, 400))
def test_a_body_is_the_same_however_it_is_packed_and_cut(encoding: str, data: bytes, step: int) -> None:
    if not encoding and data[:2] == b"\x1f\x8b":
        return
    assert read(encoding, PACKED[encoding](data), step=step) == data


def test_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    for encoding, pack in PACKED.items():
        assert len(read(encoding, pack(b"x" * 1000), most=1000)) == 1000
        assert reason(encoding, pack(b"x" * 1001), most=1000) == "answer_too_large"


def test_plain_text_that_is_called_gzip_is_taken_as_it_is() -> None:
    assert read("gzip", b"<rss/>", step=2) == b"<rss/>"
    assert read("gzip", b"<") == b"<"
    assert read("gzip", b"") == b""


def test_a_packing_that_breaks_off_or_is_damaged_is_a_problem() -> None:
    whole = gzip.compress(b"news" * 100)
    assert reason("gzip", whole[:-9]) == "answer_encoding_broken"
    assert reason("gzip", whole[:-8] + b"\0" * 8) == "answer_encoding_broken"
    assert reason("gzip", whole[:20] + b"\xff" * 50) == "answer_encoding_broken"
    assert reason("deflate", b"<rss/>") == "answer_encoding_broken"


def test_a_packing_that_was_not_asked_for_is_a_problem() -> None:
    assert reason("br", b"...") == "answer_encoding_unknown"
    assert reason("gzip, gzip", b"...") == "answer_encoding_unknown"


@given(data=st.binary(max_size=200), encoding=st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_give_a_body_or_a_problem(data: bytes, encoding: str) -> None:
    for start in (b"", b"\x1f\x8b", b"\x78\x9c"):
        try:
            read(encoding, start + data, step=50)
        except ExchangeError:
            continue


NOW = 1_795_514_400.0
"""Tue, 24 Nov 2026 10:00:00 GMT"""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("９", None),
        ("9" * 5000, 86_400.0),
        ("86401", 86_400.0),
        ("Tue, 24 Nov 2026 10:01:00 GMT", 60.0),
        ("Tuesday, 24-Nov-26 10:01:00 GMT", 60.0),
        ("Tue, 24 Nov 2026 10:01:00", 60.0),
        ("Tue, 24 Nov 2026 09:59:00 GMT", None),
        ("Fri, 24 Nov 2028 10:00:00 GMT", 86_400.0),
        ("Tue, 99 Nov 2026 10:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(said: str, seconds: float | None) -> None:
    assert read_retry_after({"retry-after": said}, NOW) == seconds


def test_a_date_counts_from_the_servers_own_clock() -> None:
    headers = {"retry-after": "Tue, 24 Nov 2026 12:01:00 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"}
    assert read_retry_after(headers, NOW) == 60.0


def test_a_document_in_single_bytes_is_given_up_before_it_costs_seconds() -> None:
    body = Body("", most=2_000_000)
    for _ in range(50_000):
        body.take(b"x")
    with pytest.raises(ExchangeError) as caught:
        body.take(b"x")
    assert caught.value.problem.reason == "answer_too_much"
