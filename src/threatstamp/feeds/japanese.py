"""Japanese encodings as they are really written: with the signs of NEC and IBM that the standards lack."""

from __future__ import annotations

import codecs
import re
from functools import cache

_ESCAPE = re.compile(rb"\x1b(\([BJIH]|\$[@BA]|\$\([CDOPQ@B]|\.[AF]|&@)")
_EUC_ERRORS = "threatstamp-euc"
_ISO = ("iso2022_jp_2", "iso2022_jp_ext", "iso2022_jp_2004")


def decode_euc(body: bytes) -> str:
    """Decodes EUC-JP with the rows of NEC and IBM, else as JIS X 0213. Raises UnicodeDecodeError."""
    _register()
    try:
        return body.decode("euc_jp", _EUC_ERRORS)
    except UnicodeDecodeError:
        return body.decode("euc_jis_2004")


def decode_iso(body: bytes) -> str:
    """Decodes ISO-2022-JP and its kin, with the same signs. Raises UnicodeDecodeError."""
    for name in _ISO:
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return "".join(_segments(body, "strict"))


def decode_iso_with_losses(body: bytes) -> str:
    """Decodes ISO-2022-JP; what is broken becomes U+FFFD, and ends with its line."""
    return "".join(_segments(body, "replace"))


def is_iso(body: bytes) -> bool:
    """True if there are the escapes of ISO-2022-JP in seven-bit text."""
    return b"\x1b$" in body and bool(_ESCAPE.search(body)) and body.isascii()


@cache
def _register() -> None:
    codecs.register_error(_EUC_ERRORS, _as_cp932)


def _as_cp932(error: UnicodeError) -> tuple[str, int]:
    """Reads two bytes of EUC through Shift_JIS, where Windows has those signs."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and 0xA1 <= pair[0] <= 0xFE and 0xA1 <= pair[1] <= 0xFE:
        try:
            return _shifted(pair[0] - 0x80, pair[1] - 0x80).decode("cp932"), error.start + 2
        except UnicodeDecodeError:
            pass
    raise error


def _shifted(row: int, cell: int) -> bytes:
    """Returns a sign of JIS as Shift_JIS writes it (JIS X 0208, appendix 1)."""
    first = ((row + 1) >> 1) + (0x70 if row < 0x5F else 0xB0)
    second = cell + (0x1F if cell < 0x60 else 0x20) if row & 1 else cell + 0x7E
    return bytes((first, second))


def _segments(body: bytes, errors: str) -> list[str]:
    found: list[str] = []
    at, mode = 0, b"(B"
    for match in _ESCAPE.finditer(body):
        found.append(_segment(body[at : match.start()], mode, errors))
        at, mode = match.end(), match[1]
    found.append(_segment(body[at:], mode, errors))
    return found


def _segment(body: bytes, mode: bytes, errors: str) -> str:
    if mode in (b"(B", b"(J"):
        return body.decode("ascii", errors)
    line, newline, rest = body.partition(b"\n")
    high = bytes(byte | 0x80 for byte in line)
    return _high(high, mode, errors) + (newline + rest).decode("ascii", errors)


def _high(body: bytes, mode: bytes, errors: str) -> str:
    if mode == b"(I":
        return body.decode("cp932", errors)
    if mode in (b"$@", b"$B", b"$(B", b"$(@"):
        return _euc(body, errors)
    if mode == b"$(D":
        return b"".join(b"\x8f" + body[at : at + 2] for at in range(0, len(body), 2)).decode("euc_jp", errors)
    if mode in (b"$A", b"$(C"):
        return body.decode("gb2312" if mode == b"$A" else "euc_kr", errors)
    return body.decode("ascii", errors)


def _euc(body: bytes, errors: str) -> str:
    try:
        return decode_euc(body)
    except UnicodeDecodeError:
        return body.decode("euc_jp", errors)
