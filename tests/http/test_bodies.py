"""Bodies are unpacked as they come, and never beyond their limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.http.bodies import Body
from threatstamp.http.errors import ExchangeError, Fault


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


def read(
    encoding: str, packed: bytes, *, most: int = 10_000, step: int = 1, into: BytesIO | None = None
) -> bytes:
    found = into or BytesIO()
    body = Body(encoding, most=most, into=found)
    for start in range(0, len(packed), step):
        body.write(packed[start : start + step])
    body.finish()
    assert body.length == len(found.getvalue())
    return found.getvalue()


def fault(
    encoding: str, packed: bytes, *, most: int = 10_000, step: int = 7, into: BytesIO | None = None
) -> Fault:
    with pytest.raises(ExchangeError) as caught:
        read(encoding, packed, most=most, step=step, into=into)
    return caught.value.fault


@pytest.mark.parametrize("encoding", PACKED)
@given(data=st.binary(max_size=300), step=st.integers(1, 400))
def test_a_body_is_the_same_however_it_is_packed_and_cut(encoding: str, data: bytes, step: int) -> None:
    if not encoding and data[:2] == b"\x1f\x8b":
        return
    assert read(encoding, PACKED[encoding](data), step=step) == data


def test_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    for encoding, pack in PACKED.items():
        assert len(read(encoding, pack(b"x" * 1000), most=1000)) == 1000
        assert fault(encoding, pack(b"x" * 1001), most=1000) == Fault.BODY_TOO_LARGE


def test_plain_text_that_is_called_gzip_is_taken_as_it_is() -> None:
    assert read("gzip", b"<rss/>", step=2) == b"<rss/>"
    assert read("gzip", b"<") == b"<"
    assert read("gzip", b"") == b""


def test_a_packing_that_breaks_off_or_is_damaged_is_a_problem() -> None:
    whole = gzip.compress(b"news" * 100)
    assert fault("gzip", whole[:-9]) == Fault.ENCODING_BROKEN
    assert fault("gzip", whole[:-8] + b"\0" * 8) == Fault.ENCODING_BROKEN
    assert fault("gzip", whole[:20] + b"\xff" * 50) == Fault.ENCODING_BROKEN
    assert fault("deflate", b"<rss/>") == Fault.ENCODING_BROKEN


def test_a_packing_that_was_not_asked_for_is_a_problem() -> None:
    for encoding in ("br", "zstd", "gzip, br", "gzip, " * 5):
        assert fault(encoding, b"...") == Fault.ENCODING_UNKNOWN


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF-8", "none", "aws-chunked", "binary", "8bit", "text/xml", ",", '""']
)
def test_what_is_no_packing_says_nothing_about_the_body(encoding: str) -> None:
    assert read(encoding, b"<rss/>") == b"<rss/>"
    assert read(f"aws-chunked, gzip, {encoding}", gzip.compress(b"<rss/>")) == b"<rss/>"


@pytest.mark.parametrize(
    "encoding", ["gzip, gzip", "gzip,deflate", "deflate, gzip", "gzip, identity, x-gzip"]
)
def test_a_body_that_was_packed_twice_is_unpacked_twice(encoding: str) -> None:
    packed = b"news" * 500
    for name in encoding.split(","):
        packed = PACKED.get(name.strip(), gzip.compress)(packed)
    assert read(encoding, packed, step=7) == b"news" * 500
    assert fault(encoding, packed, most=1_000) == Fault.BODY_TOO_LARGE
    assert read(encoding, b"<rss/>" if "deflate" not in encoding else packed)


def rest(encoding: str, packed: bytes, *, step: int) -> bytes:
    """Returns what was handed on of a packing that breaks off or is damaged."""
    found = BytesIO()
    assert fault(encoding, packed, step=step, into=found) is Fault.ENCODING_BROKEN
    return found.getvalue()


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_what_arrived_of_a_damaged_packing_is_handed_on(step: int) -> None:
    news = b"news" * 100
    whole = gzip.compress(news)
    assert rest("gzip", whole[:-8], step=step) == news
    assert rest("gzip", whole[:-3], step=step) == news
    assert rest("gzip", whole[:-8] + b"\0" * 8, step=step) == news
    assert rest("gzip", whole + whole[:-8], step=step) == news * 2
    assert news.startswith(rest("gzip", whole[:-12], step=step))
    assert rest("deflate", zlib.compress(news)[:-4], step=step) == news
    assert rest("deflate", raw_deflate(news)[:-1], step=step).startswith(b"news")


@pytest.mark.parametrize("flags", range(32))
@pytest.mark.parametrize("step", [1, 5, 1_000])
def test_a_gzip_head_may_have_a_name_a_comment_extra_fields_and_a_sum(flags: int, step: int) -> None:
    plain = gzip.compress(b"news")
    extra = {4: b"\4\0\0\0ab", 8: b"feed.xml\0", 16: "注記\0".encode(), 2: b"\1\2"}
    head = (
        plain[:3]
        + bytes([flags])
        + plain[4:10]
        + b"".join(one for flag, one in extra.items() if flags & flag)
    )
    assert read("gzip", head + plain[10:], step=step) == b"news"


def test_a_gzip_head_without_end_is_a_problem_early() -> None:
    assert fault("gzip", b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"a" * 9_000, step=1_000) == Fault.ENCODING_BROKEN
    assert fault("gzip", b"\x1f\x8b\x08\xe0" + b"\0" * 6 + b"a" * 20) == Fault.ENCODING_BROKEN


@given(data=st.binary(max_size=200), encoding=st.sampled_from(["gzip", "deflate"]))
def test_any_bytes_give_a_body_or_a_problem(data: bytes, encoding: str) -> None:
    for start in (b"", b"\x1f\x8b", b"\x78\x9c"):
        try:
            read(encoding, start + data, step=50)
        except ExchangeError:
            continue


def test_a_document_in_single_bytes_is_given_up_before_it_costs_seconds() -> None:
    body = Body("", most=2_000_000, into=BytesIO())
    for _ in range(50_000):
        body.write(b"x")
    with pytest.raises(ExchangeError) as caught:
        body.write(b"x")
    assert caught.value.fault is Fault.TOO_MUCH_SENT


def test_empty_bodies_packed_one_by_one_are_given_up_as_well() -> None:
    empty = gzip.compress(b"")
    assert read("gzip", empty * 40_000, step=65_536) == b""
    assert fault("gzip", empty * 60_000, step=65_536) is Fault.TOO_MUCH_SENT


def test_a_large_body_may_come_in_more_pieces_if_they_are_of_a_fair_size() -> None:
    body = Body("", most=100_000_000, into=BytesIO())
    for _ in range(60_000):
        body.write(b"x" * 1_000)
    body.finish()
    assert body.length == 60_000_000


def test_with_more_than_the_limit_so_much_is_handed_on() -> None:
    for encoding, pack in PACKED.items():
        found = BytesIO()
        body = Body(encoding, most=10, into=found)
        with pytest.raises(ExchangeError):
            body.write(pack(b"0123456789abc"))
        assert found.getvalue() == b"0123456789"
        assert body.length == 10


class Portions:
    """Remembers how much was written at once, and how much in all."""

    def __init__(self) -> None:
        self.most = self.all = 0

    def write(self, piece: bytes) -> None:
        self.most = max(self.most, len(piece))
        self.all += len(piece)


@pytest.mark.parametrize("wbits", [31, 15, -15])
def test_a_little_that_becomes_much_is_handed_on_in_portions(wbits: int) -> None:
    packer = zlib.compressobj(9, wbits=wbits)
    packed = packer.compress(b"\0" * 50_000_000) + packer.flush()
    found = Portions()
    body = Body("gzip" if wbits == 31 else "deflate", most=50_000_000, into=found)
    body.write(packed)
    body.finish()
    assert (found.most, found.all) == (262_144, 50_000_000)


def test_a_full_portion_leaves_nothing_behind() -> None:
    """Where the end of the packed bytes is not the end of what they become."""
    for size in (262_140, 262_144, 262_145, 262_200, 262_400):
        data = b"a" + b"y" * (size - 1)
        for encoding, pack in PACKED.items():
            assert read(encoding, pack(data), most=300_000, step=300_000) == data


def test_padding_behind_a_packed_body_is_neither_kept_nor_read() -> None:
    found = BytesIO()
    body = Body("gzip", most=1_000, into=found)
    for piece in (gzip.compress(b"news"), b"\0\0\0", gzip.compress(b"never"), b"\1"):
        body.write(piece)
    body.finish()
    assert found.getvalue() == b"news"


def test_a_packed_file_is_unpacked_on_its_way_whether_its_server_has_done_so_or_not() -> None:
    """x.csv.gz: some servers send it as a packed CSV, and then it is plain already."""
    for encoding, sent in (("", 1), ("gzip", 1), ("gzip", 2)):
        packed = b"cve,epss\n" * 500
        for _ in range(sent):
            packed = gzip.compress(packed)
        found = BytesIO()
        file = Body("gzip", most=10_000, into=found)
        body = Body(encoding, most=10_000, into=file)
        for start in range(0, len(packed), 10):
            body.write(packed[start : start + 10])
        body.finish()
        file.finish()
        assert found.getvalue() == b"cve,epss\n" * 500
