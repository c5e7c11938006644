"""Indicators: the addresses and digests in a text by which an attack can be recognised in one's own logs.

Reports write addresses so that nobody can click on them: "hxxps://evil[.]example". That is what tells an
indicator from a link, and so they stay here. An address that is written as usual is one only where the words
before it say so: "C2: evil.example"; any other is a publisher's link, a file's name or a version.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.facts.spelling import evened


class IndicatorKind(StrEnum):
    """What can be looked for."""

    URL = "url"
    DOMAIN = "domain"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    EMAIL = "email"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """An indicator. value: of an address the defanged form, of a digest small letters."""

    kind: IndicatorKind
    value: str


MOST = 200
"""So many of one text are read."""

LONGEST = 200_000
"""So many characters of one text are read."""

_DOT = r"(?:\[\.\]|\(\.\)|\{\.\}|\[\.(?=[a-z0-9])|\.\]|\[dot\]|\(dot\)|\.)"
_AT = r"(?:\[@\]|\(@\)|\[at\]|\(at\)|@)"
_NAME = rf"(?:[a-z0-9_][a-z0-9_-]{{0,62}}{_DOT}){{1,10}}[a-z0-9][a-z0-9-]{{0,62}}"
_PORT = r"(?:(?:\[:\]|:)[0-9]{1,5}(?![0-9]))?"
_SCHEME = r"(?:hxxps?|https?|h\*\*ps?|fxp|ftp)(?:\[:\]//|\[://\]|\[:/\]/|:\[//\]|://)"
_ANY = re.compile(
    rf"(?<![a-z0-9])(?P<url>{_SCHEME}{_NAME}{_PORT}(?:[/?\#][!\#-;=?-~]{{0,2000}})?)"
    r"|(?<![a-z0-9])(?:(?P<sha256>[0-9a-f]{64})|(?P<sha1>[0-9a-f]{40})|(?P<md5>[0-9a-f]{32}))(?![a-z0-9])"
    rf"|(?<![a-z0-9.@_+-])(?P<email>[a-z0-9._+-]{{1,64}}{_AT}{_NAME})"
    r"|(?<![a-z0-9:\]])(?P<ipv6>(?:[0-9a-f]{0,4}(?:\[:\]|:)){2,7}[0-9a-f]{0,4})(?![a-z0-9:\[])"
    rf"|(?<![a-z0-9@/_])(?P<host>{_NAME}(?:/[0-9]{{1,2}}(?![0-9a-z]))?)(?![a-z0-9@_])",
    re.IGNORECASE | re.ASCII,
)

_FANGS = (
    (re.compile(r"h(?:xx|\*\*)p", re.IGNORECASE), "http"),
    (re.compile(r"\bfxp", re.IGNORECASE), "ftp"),
    (re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[\.|\.\]|\[dot\]|\(dot\)", re.IGNORECASE), "."),
    (re.compile(r"\[@\]|\(@\)|\[at\]|\(at\)", re.IGNORECASE), "@"),
    (re.compile(r"\[(:?/{0,2})\]"), r"\1"),
)


def _words(words: str) -> str:
    """Returns a pattern for any of some words, one a line; Latin ones are bounded by letters of ASCII."""
    found = [evened(word.strip()) for word in words.strip().splitlines()]
    parts = [rf"(?<![a-z0-9]){re.escape(w)}(?![a-z0-9])" if w.isascii() else re.escape(w) for w in found]
    return "|".join(parts)


_HOSTILE = _words(
    """
    C2
    C&C
    CnC
    IoC
    IoCs
    indicators
    indicator
    command and control
    command-and-control
    malicious
    phishing site
    phishing page
    phishing URL
    phishing domain
    fake site
    downloads from
    downloaded from
    connects to
    beacons to
    typosquat
    attacker-controlled
    フィッシングサイト
    フィッシングURL
    偽サイト
    偽ドメイン
    不正サイト
    不正なサイト
    不正ドメイン
    不正なドメイン
    不審なドメイン
    悪性ドメイン
    攻撃者のドメイン
    悪意のある
    誘導先
    通信先
    接続先
    配布元
    """
)
_CALLING = re.compile(_HOSTILE, re.IGNORECASE)
_CALLING_NUMBERS = re.compile(
    _HOSTILE
    + "|"
    + _words(
        """
        IP
        IPs
        IP address
        IP addresses
        IPアドレス
        送信元
        発信元
        攻撃元
        接続元
        scans from
        traffic from
        attacks from
        """
    ),
    re.IGNORECASE,
)
_REFERRING = re.compile(
    _words(
        """
        see
        details
        source
        read more
        reported by
        according to
        contact
        詳細
        詳しく
        参考
        参照
        出典
        情報源
        相談
        報告先
        報告は
        公式
        正規
        """
    ),
    re.IGNORECASE,
)
_VERSION = re.compile(
    rf"(?:\bv|\bver\.?|version|build|release|{evened('バージョン')})\s{{0,3}}$", re.IGNORECASE
)
_OLDER = re.compile(
    r"\s{0,3}(?:以前|以降|以下|未満|より前|から|系|or (?:earlier|later)|and (?:earlier|prior|below))",
    re.IGNORECASE,
)
_COMMIT = re.compile(rf"(?:commit|revision|{evened('コミット')})\W{{0,3}}$", re.IGNORECASE)
_SENTENCE = re.compile(r"[。!?\n]|\. ")
_JOINT = re.compile(r"[\s,、;/・|]{0,4}(?:(?:and|or|および|や|と)\s{0,2})?")
_ENDINGS = """
7z aspx asp avi bat bin bmp cfg cmd conf cpp cs csv dat db dll dmg doc docm docx elf eml exe gif go
gz hta htm html ico img ini iso jar java jpeg jpg js json jsp key lnk log md mdb mov mp3 mp4 msi msp
net ocx odt pdf php pl plist png ppt pptx ps ps1 psd py rar rb rdf rpm rs rtf scr sh so sql svg swf
sys tar tgz tmp toml ts txt vb vbs war wasm wsf xls xlsm xlsx xml yaml yml zip
"""
_FILES = frozenset(_ENDINGS.split())
"""What ends a file's name, or that of ASP.NET and Node.js, much more often than a domain's."""

_BEFORE = 60


def indicators_in(text: str) -> tuple[Indicator, ...]:
    """Returns the indicators in a text, each once, in the order in which they stand there."""
    found: dict[Indicator, None] = {}
    for one in _found(evened(text[:LONGEST])):
        found.setdefault(one)
        if len(found) == MOST:
            break
    return tuple(found)


def _found(text: str) -> Iterator[Indicator]:
    last_end = -1
    for match in _ANY.finditer(text):
        raw = _trimmed(match)
        said = _read(match.lastgroup or "", raw)
        if said is None:
            continue
        follows = last_end >= 0 and bool(_JOINT.fullmatch(text, last_end, match.start()))
        if _fanged(raw) != raw or follows or _is_meant(text, match, said.kind):
            last_end = match.start() + len(raw)
            yield said


def _trimmed(match: re.Match[str]) -> str:
    """Returns what was found without the marks of the sentence around it."""
    raw = match[0]
    if match.lastgroup != "url":
        return raw
    raw = raw.rstrip(".,;:!?'*(")
    while raw.endswith(")") and raw.count(")") > raw.count("("):
        raw = raw[:-1].rstrip(".,;:!?'")
    return raw


def _is_meant(text: str, match: re.Match[str], kind: IndicatorKind) -> bool:
    """True if the words around an address that could be clicked on say that it is an attacker's."""
    before = text[max(0, match.start() - _BEFORE) : match.start()]
    if kind in {IndicatorKind.MD5, IndicatorKind.SHA1, IndicatorKind.SHA256}:
        return not _COMMIT.search(before)
    ends = [mark.end() for mark in _SENTENCE.finditer(before)]
    clause = before[ends[-1] :] if ends else before
    if kind in {IndicatorKind.IPV4, IndicatorKind.IPV6}:
        is_version = _VERSION.search(clause) or _OLDER.match(text, match.end())
        return not is_version and bool(_CALLING_NUMBERS.search(clause))
    return bool(_CALLING.search(clause)) and not _REFERRING.search(clause)


def _read(group: str, raw: str) -> Indicator | None:
    """Returns the indicator that a string is; None if it only looks like one."""
    plain = _fanged(raw)
    if group in {"md5", "sha1", "sha256"}:
        is_number = raw.isdigit() or raw.isalpha()
        return None if is_number else Indicator(kind=IndicatorKind(group), value=raw.lower())
    if group == "ipv6":
        return (
            Indicator(kind=IndicatorKind.IPV6, value=plain.lower().replace(":", "[:]"))
            if _is_v6(plain)
            else None
        )
    if group == "email":
        local, _, name = plain.rpartition("@")
        return (
            Indicator(kind=IndicatorKind.EMAIL, value=f"{local}[@]{_dots(name)}") if _is_name(name) else None
        )
    if group == "url":
        return _url(plain)
    address, slash, mask = plain.partition("/")
    if _is_v4(address):
        return Indicator(kind=IndicatorKind.IPV4, value=_dots(address) + slash + mask)
    if _is_name(address) and (raw != plain or address.rpartition(".")[2].lower() not in _FILES):
        return Indicator(kind=IndicatorKind.DOMAIN, value=_dots(address.lower()))
    return None


def _url(plain: str) -> Indicator | None:
    scheme, _, rest = plain.partition("://")
    cut = re.search(r"[/?#]", rest)
    authority, path = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
    host, colon, port = authority.partition(":")
    if not (_is_name(host) or _is_v4(host)):
        return None
    safe = "fxp" if scheme.lower() == "ftp" else scheme.lower().replace("http", "hxxp")
    return Indicator(kind=IndicatorKind.URL, value=f"{safe}://{_dots(host.lower())}{colon}{port}{path}")


def _fanged(raw: str) -> str:
    """Returns an address as it really is."""
    for pattern, real in _FANGS:
        raw = pattern.sub(real, raw)
    return raw


def _dots(name: str) -> str:
    return name.replace(".", "[.]")


def _is_name(name: str) -> bool:
    labels = name.split(".")
    is_well_cut = all(one and not one.startswith("-") and not one.endswith("-") for one in labels)
    last = labels[-1].lower()
    is_top = (last.isalpha() and 2 <= len(last) <= 24) or last.startswith("xn--")
    return is_well_cut and is_top and len(name) <= 253


def _is_v4(address: str) -> bool:
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True


def _is_v6(address: str) -> bool:
    """True for an address that somebody can have: C++ and times have colons, too."""
    try:
        known = ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return address[0] in "23fF" and not known.is_unspecified
