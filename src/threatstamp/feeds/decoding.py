"""Bytes to text: what the document says about itself is heard, and checked against its bytes.

A byte order mark decides. Then UTF-8, if the bytes are valid and not all of them by chance; then what was
declared (the document's own word first), then a guess. Only where no way is without loss, broken bytes
become U+FFFD, and that is a problem.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from threatstamp.feeds.japanese import decode_euc, decode_iso, decode_iso_with_losses, is_iso

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = (
    (re.compile(rb"\s{0,9}[<{\[]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{\[\s]"), "utf-32-be"),
    (re.compile(rb"(?:[\s]\0){0,9}[<{\[]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0\s){0,9}\0[<{\[]"), "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:\-]{1,40})""", re.IGNORECASE
)
_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:\-]{1,40})""", re.IGNORECASE)
_LANGUAGE = re.compile(rb"""(?:<language>\s{0,9}|xml:lang\s{0,9}=\s{0,9}["'])(ja|ko|zh)\b""", re.IGNORECASE)

_CODECS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8 us-ascii ascii ansi_x3.4-1968",
    "cp932": "shift_jis shift-jis shiftjis sjis s_jis x-sjis windows-31j cp932 ms932 ms_kanji cswindows31j "
    "csshiftjis shift_jis_2004 shift_jisx0213 windows-932",
    "euc_jp": "euc-jp eucjp euc_jp x-euc-jp x-euc ujis eucjp-ms eucjpms euc-jp-ms cp51932 euc-jis-2004 "
    "cseucpkdfmtjapanese euc-jisx0213",
    "iso2022_jp": "iso-2022-jp iso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 "
    "iso-2022-jp-ext csiso2022jp csiso2022jp2 jis cp50220 cp50221 cp50222",
    "big5hkscs": "big5 big5-hkscs cn-big5 x-x-big5 csbig5 cp950 big5-eten",
    "cp949": "euc-kr euckr cp949 ks_c_5601-1987 ksc5601 ks_c_5601 korean uhc windows-949 "
    "cseuckr x-windows-949",
    "gb18030": "gb2312 gbk gb18030 x-gbk chinese csgb2312 gb_2312-80 euc-cn cp936",
    "koi8-r": "koi8-r koi8 cskoi8r",
    "koi8-u": "koi8-u koi8-ru",
    "cp874": "tis-620 windows-874 iso-8859-11 cp874",
    "mac-roman": "macintosh mac x-mac-roman csmacintosh",
    "cp1251": "ms-cyrl",
    "cp866": "ibm866 cp866 866",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 latin-1 l1 windows-1252 cp1252 x-cp1252 cp819",
    "cp1254": "iso-8859-9 iso8859-9 latin5 windows-1254 cp1254",
}
_NAMES = {name: codec for codec, names in _CODECS.items() for name in names.split()}
_FAMILY = re.compile(r"(?:windows[-_]?|cp-?|x-cp)(125[0-8])|iso[-_]?8859[-_](\d{1,2})(?:-[ie])?")
_ONE_BYTE = re.compile(r"cp\d{3,4}|mac-\w+|koi8-\w|iso8859-\d{1,2}|hp-roman8|ptcp154|kz1048|tis-620|johab|hz")
"""Python's codecs that a label may name directly; others, such as `hex`, are no encodings of text."""
_JAPANESE = frozenset({"cp932", "euc_jp", "iso2022_jp"})
_EAST = _JAPANESE | {"big5hkscs", "cp949", "gb18030"}
_EAST_GUESSES = ("euc_jp", "cp932", "cp949", "big5hkscs", "gb18030")
_SAMPLE = 200_000
"""So many bytes are enough to guess by."""
_UNLIKELY = re.compile(r"[^\x00-\x7f\xa0-\xd6\xd8-\xf6\xf8-\xfd€‚„…†‡‰Š‹ŒŽ‘’“”•–—™š›œžŸ]")

_NO_SIGNS = dict.fromkeys((0x80, 0xA0, *range(0xF8F0, 0xF8F4)), "\ufffd")
"""What Python makes of bytes that are nothing in CP932."""

_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fc]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_ODD = re.compile(r"[\x80-\x9f\ue000-\uf8ff\ufffd]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_BROKEN = "\ufffd"


_ROOT = re.compile(rb"[<:](?:rss|rdf|feed|channel|entry)[\s>/]", re.IGNORECASE)
_TABLE = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,99}[{\[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as text. lost: how many places could not be read."""

    text: str
    encoding: str
    lost: int = 0


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Returns the text of a document. Never raises."""
    if marked := _marked(body):
        return marked
    if is_iso(body):
        return _strict(body, "iso2022_jp") or _with_losses(body, "iso2022_jp")
    declared = list(_declared(body, content_type))
    unicode = _strict(body, "utf-8")
    if unicode and (body.isascii() or not _by_chance(unicode.text, body, declared)):
        return unicode
    for name in declared:
        if name != "utf-8" and (found := _strict(body, name)):
            return found
    if nearly := _nearly(body, "utf-8"):
        return nearly
    return _broken_as_declared(body, declared) or _guessed(body)


def may_be_feed(body: bytes) -> bool:
    """True unless no root of a feed can be in these bytes: what is none is not worth decoding."""
    if _ROOT.search(body) or _TABLE.match(body):
        return True
    wide = (mark for mark, name in _MARKS if name != "utf-8")
    return body.startswith(tuple(wide)) or any(form.match(body) for form, _ in _WIDE)


def _marked(body: bytes) -> Decoded | None:
    """Reads by a byte order mark, or by the zeros of a wide encoding; a mark that lies is not followed."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            rest = body[len(mark) :]
            return (
                _strict(rest, name)
                or (_east_guess(rest) if name == "utf-8" else None)
                or _with_losses(rest, name)
            )
    for form, name in _WIDE:
        if form.match(body):
            return _strict(body, name) or _with_losses(body, name)
    return None


def _declared(body: bytes, content_type: str | None) -> Iterator[str]:
    if (found := _DECLARED.search(body, 0, 4_096)) and (name := codec_of(found[1].decode("ascii", "ignore"))):
        yield name
    if (said := _CHARSET.search(content_type or "")) and (name := codec_of(said[1])):
        yield name


def codec_of(label: str) -> str | None:
    """Returns Python's codec for a label as the web means it: Shift_JIS and Latin 1 as Windows has them."""
    label = label.strip().lower()
    if label in _NAMES:
        return _NAMES[label]
    if match := _FAMILY.fullmatch(label):
        windows, latin = match.groups()
        label = f"cp{windows}" if windows else f"iso8859-{int(latin)}"
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return name if _ONE_BYTE.fullmatch(name) else None


def _strict(body: bytes, name: str) -> Decoded | None:
    try:
        text = _reader(name)(body)
    except (UnicodeDecodeError, LookupError):
        return None
    if name == "cp932" and not text.isascii() and _ODD.search(text):
        return None
    return Decoded(text=text, encoding=name)


def _reader(name: str) -> Callable[[bytes], str]:
    if name == "euc_jp":
        return decode_euc
    if name == "iso2022_jp":
        return decode_iso
    return lambda body: body.decode(name)


def _by_chance(text: str, body: bytes, declared: list[str]) -> bool:
    """True if bytes are valid as UTF-8 only by chance: all signs have two bytes, and the declared encoding of
    East Asia reads them as well."""
    if any(ord(sign) > 0x7FF for run in _NOT_ASCII.findall(text) for sign in run[:4]):
        return False
    return any(name in _EAST and _strict(body, name) for name in declared)


def _nearly(body: bytes, name: str) -> Decoded | None:
    """Reads with losses what is clearly in an encoding but for a few bytes."""
    found = _with_losses(body, name)
    return found if _good(found) > 2 * found.lost else None


def _good(found: Decoded) -> int:
    """Returns how many signs beyond ASCII were read."""
    text = found.text
    return len(text) - len(text.encode("ascii", "ignore")) - text.count(_BROKEN)


def _with_losses(body: bytes, name: str) -> Decoded:
    text = decode_iso_with_losses(body) if name == "iso2022_jp" else body.decode(name, "replace")
    if name == "cp932":
        text = text.translate(_NO_SIGNS)
    return Decoded(text=text, encoding=name, lost=max(1, text.count(_BROKEN)))


def _broken_as_declared(body: bytes, declared: list[str]) -> Decoded | None:
    """Reads with losses as was declared, unless another reading is whole and looks more like Japanese."""
    for name in declared:
        if name not in _EAST or not (found := _nearly(body, name)):
            continue
        others = (other for one in ("euc_jp", "cp932") if (other := _strict(body, one)))
        return max((found, *others), key=lambda one: _likeness(one, "") + (one is found) / 2)
    return None


def _guessed(body: bytes) -> Decoded:
    """Reads what says nothing true about itself: East Asian, else Windows' Latin, else broken UTF-8."""
    return _east_guess(body) or _latin_guess(body) or _with_losses(body, "utf-8")


def _east_guess(body: bytes) -> Decoded | None:
    """Kana tell Japanese, syllables Korean; a document's own word about its language helps."""
    sample = body[:_SAMPLE]
    if len(body) > _SAMPLE:
        sample = sample[: sample.rfind(b">") + 1]
    if _nearly(sample, "utf-8"):
        return None
    hint = _LANGUAGE.search(body, 0, 4_096)
    language = hint[1].lower().decode("ascii") if hint else ""
    for reading, names in ((_strict, _EAST_GUESSES), (_nearly, ("euc_jp", "cp932"))):
        guesses = [found for name in names if (found := reading(sample, name))]
        best = max(guesses, key=lambda one: _likeness(one, language), default=None)
        if best and _likeness(best, language) > 0.5:
            return _strict(body, best.encoding) or _with_losses(body, best.encoding)
    return None


def _latin_guess(body: bytes) -> Decoded | None:
    """Reads accents and typographer's signs as Windows writes them, if nothing in the bytes is UTF-8."""
    found = _strict(body, "cp1252")
    if found is None or _UNLIKELY.search(found.text) or _good(_with_losses(body, "utf-8")):
        return None
    return found


def _likeness(found: Decoded, language: str) -> float:
    """Returns how much a reading looks like text of its own language."""
    runs = _NOT_ASCII.findall(found.text[:100_000])
    if not runs or (sum(map(len, runs)) < 1.5 * len(runs) and not language):
        return 0.0  # single signs among letters: accents, not the words of East Asia
    signs = "".join(runs)
    return _share(found.encoding, signs, language) - 4 * len(_ODD.findall(signs)) / len(signs)


def _share(encoding: str, signs: str, language: str) -> float:
    east = sum(0x3000 <= ord(sign) < 0xA000 or ord(sign) >= 0xFF00 for sign in signs) / len(signs)
    half_width = sum(0xFF61 <= ord(sign) <= 0xFF9F for sign in signs) / len(signs)
    if encoding in _JAPANESE:
        kana = len(_KANA.findall(signs)) / len(signs)
        return east - half_width + min(1.0, 4 * kana) + (language == "ja")
    if encoding == "cp949":
        return 1.6 * len(_HANGUL.findall(signs)) / len(signs) + (language == "ko")
    return 0.8 * east - half_width + (language == "zh")
