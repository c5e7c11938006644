"""Japanese encodings sign by sign: every sign of JIS X 0208, of NEC and of IBM, in each of the three forms."""

from __future__ import annotations

import pytest

from threatstamp.feeds.decoding import decode
from threatstamp.feeds.japanese import decode_euc, decode_iso

ROWS = range(0x21, 0x7F)
TWINS = {
    "\u301c": "\uff5e",
    "\u2016": "\u2225",
    "\u2212": "\uff0d",
    "\u00a2": "\uffe0",
    "\u00a3": "\uffe1",
    "\u00ac": "\uffe2",
}
"""Signs that the standard and Windows name differently."""


def windows(row: int, cell: int) -> str | None:
    """Returns what Windows has in a row and cell, by the formula of JIS X 0208."""
    first = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    second = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    try:
        return bytes((first, second)).decode("cp932")
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("row", ROWS)
def test_euc_jp_and_iso_2022_jp_know_what_windows_knows(row: int) -> None:
    for cell in range(0x21, 0x7F):
        expected = windows(row, cell)
        if expected is None:
            continue
        pair = bytes((row, cell))
        euc = decode_euc(bytes(byte | 0x80 for byte in pair))
        iso = decode_iso(b"\x1b$B" + pair + b"\x1b(B")
        assert TWINS.get(euc, euc) == expected
        assert TWINS.get(iso, iso) == expected


def test_nec_row_13_is_read_in_all_forms() -> None:
    assert decode_euc(b"\xad\xa1\xad\xea\xad\xe2") == decode_iso(b"\x1b$B-!-j-b\x1b(B") == "①㈱№"
    assert decode('<?xml version="1.0" encoding="x-sjis"?>①㈱'.encode("cp932")).text.endswith("①㈱")


def test_ibm_signs_are_read_in_euc() -> None:
    assert decode_euc(b"\xfc\xe2") == "髙"
    assert decode_euc(b"\x8f\xb0\xa1") == "丂"
