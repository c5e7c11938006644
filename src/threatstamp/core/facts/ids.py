"""Ids: the numbers under which a vulnerability, a weakness or an advisory is known, as a text names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from threatstamp.core.facts.spelling import evened


class IdKind(StrEnum):
    """Whose number it is. VENDOR: that of an advisory of the maker or the distributor."""

    CVE = "cve"
    JVN = "jvn"
    JVNDB = "jvndb"
    JPCERT = "jpcert"
    CERT = "cert"
    GHSA = "ghsa"
    MAL = "mal"
    OSV = "osv"
    EUVD = "euvd"
    CWE = "cwe"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedId:
    """An id that a text names. value: its normal form, the same however it is written: "JVN#12345678"."""

    kind: IdKind
    value: str


MOST = 500
"""So many of one text are read: a list of a month's patches has fewer."""

LONGEST = 200_000
"""So many characters of one text are read."""

LONGEST_KEPT = 20_000
"""Characters of a text whose ids are remembered."""


def ids_in(*texts: str) -> tuple[NamedId, ...]:
    """Returns the ids in texts and links, each once, in the order in which they stand there."""
    found: dict[str, NamedId] = {}
    for text in texts:
        for one in _found(text):
            found.setdefault(one.value.upper(), one)
            if len(found) == MOST:
                return tuple(found.values())
    return tuple(found.values())


def _found(text: str) -> Iterable[NamedId]:
    return _found_in(text) if len(text) <= LONGEST_KEPT else _found_in.__wrapped__(text)


@lru_cache(maxsize=2_048)
def _found_in(text: str) -> tuple[NamedId, ...]:
    """Kept for a while: a story's texts are read before it is recorded, while it is, and as others arrive."""
    found = []
    for match in _ANY.finditer(evened(text[:LONGEST])):
        form = _FORMS[int((match.lastgroup or "")[1:])]
        found.append(NamedId(kind=form.kind, value=form.normal(match[0])))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Form:
    """How an id looks, by a pattern without groups that ignores case, and how its normal form is made."""

    kind: IdKind
    pattern: str
    normal: Callable[[str], str]


def _upper(found: str) -> str:
    return found.upper()


def _hyphened(found: str) -> str:
    return found.upper().replace(" ", "-")


def _jvn(found: str) -> str:
    """Returns "JVNVU#99999999", as JVN writes it, also for the "JVNVU99999999" of its links."""
    series, number = re.findall(r"JVN(?:VU|TA)?|[0-9A-F]+$", found.upper())
    return f"{series}#{number}"


def _cert(found: str) -> str:
    return f"VU#{found[-6:]}"


def _jpcert(found: str) -> str:
    """Returns the number of an alert from the address of its page: …/at/2026/at260001.html."""
    number = re.findall(r"[0-9]+", found)[-1]
    return f"JPCERT-AT-20{number[:2]}-{number[2:]}"


def _tail_lower(found: str) -> str:
    """Returns an id whose prefix is in capitals and whose rest is not: "GHSA-jfh8-c2jp-5v3q"."""
    head, _, tail = found.partition("-")
    return f"{head.upper()}-{tail.lower()}"


def _revised(found: str) -> str:
    """Returns VMware's number without the revision: it is the same advisory."""
    return found.upper().partition(".")[0]


def _cisco(found: str) -> str:
    """Returns Cisco's id, whose last part is told apart by case."""
    return "cisco-sa-" + found[len("cisco-sa-") :]


def _opensuse(found: str) -> str:
    return "openSUSE" + found[len("opensuse") :].upper()


_END = "(?![A-Z0-9])"
_YEAR = "(?:19|20)[0-9]{2}"

_FORMS = (
    _Form(IdKind.CVE, "CVE-[0-9]{4}-[0-9]{4,19}", _upper),
    _Form(IdKind.JVNDB, f"JVNDB-{_YEAR}-[0-9]{{6}}", _upper),
    _Form(IdKind.JVN, f"JVN(?: ?#)? ?[0-9]{{8}}|JVN#?[0-9A-F]{{8}}{_END}", _jvn),
    _Form(IdKind.JVN, "JVN(?:VU|TA)(?: ?#)? ?(?:[0-9]{8}|[0-9]{6})", _jvn),
    _Form(IdKind.JPCERT, f"JPCERT-AT-{_YEAR}-[0-9]{{4}}", _upper),
    _Form(
        IdKind.JPCERT,
        r"(?:www\.)?jpcert\.or\.jp/(?:english/)?at/[0-9]{4}/at[0-9]{6}(?=\.(?:html|txt))",
        _jpcert,
    ),
    _Form(IdKind.CERT, r"VU ?# ?[0-9]{6}|(?:www\.)?kb\.cert\.org/vuls/id/[0-9]{6}", _cert),
    _Form(IdKind.GHSA, f"GHSA(?:-[23456789cfghjmpqrvwx]{{4}}){{3}}{_END}", _tail_lower),
    _Form(IdKind.MAL, f"MAL-{_YEAR}-[0-9]{{1,9}}", _upper),
    _Form(IdKind.OSV, f"(?:PYSEC|RUSTSEC)-{_YEAR}-[0-9]{{1,9}}|GO-{_YEAR}-[0-9]{{4}}", _upper),
    _Form(IdKind.EUVD, f"EUVD-{_YEAR}-[0-9]{{4,9}}", _upper),
    _Form(IdKind.CWE, "CWE-[0-9]{1,5}", _upper),
    _Form(IdKind.VENDOR, f"cisco-sa-[a-z0-9]{{2,40}}(?:-[a-z0-9]{{1,40}}){{0,8}}{_END}", _cisco),
    _Form(IdKind.VENDOR, rf"VMSA-{_YEAR}-[0-9]{{4}}(?:\.[0-9]{{1,2}})?", _revised),
    _Form(IdKind.VENDOR, f"FEDORA-{_YEAR}-[0-9a-f]{{10}}{_END}", _tail_lower),
    _Form(IdKind.VENDOR, f"openSUSE-(?:SU|RU)-{_YEAR}:[0-9]{{4,6}}-[0-9]", _opensuse),
    _Form(IdKind.VENDOR, f"hitachi-sec-{_YEAR}-[0-9]{{3}}", str.lower),
    # "[DSA 5678-1]"; without its brackets that may be a key's length or a date
    _Form(IdKind.VENDOR, r"(?<=\[)(?:DSA|DLA|GLSA|USN) [0-9]{3,6}-[0-9]{1,2}", _hyphened),
    _Form(
        IdKind.VENDOR,
        "|".join(
            (
                "FG-IR-[0-9]{2}-[0-9]{3,4}",  # Fortinet
                f"PAN-SA-{_YEAR}-[0-9]{{4}}",  # Palo Alto Networks
                "(?:RHSA|RHBA|RHEA|ALSA|RLSA):?-?[0-9]{4}:[0-9]{4,6}",  # Red Hat, AlmaLinux, Rocky Linux
                f"ELSA-{_YEAR}-[0-9]{{4,6}}",  # Oracle Linux
                f"SUSE-(?:SU|RU)-{_YEAR}:[0-9]{{4,6}}-[0-9]",
                f"ALAS(?:2|2023)?-{_YEAR}-[0-9]{{3,5}}",  # Amazon Linux
                f"DSA-{_YEAR}-[0-9]{{3}}",  # Dell
                "(?:DSA|DLA)-[0-9]{3,4}-[0-9]{1,2}",  # Debian; without the revision it may be a key's length
                "(?:USN|LSN)-[0-9]{3,5}-[0-9]{1,2}",  # Ubuntu
                "GLSA-[0-9]{6}-[0-9]{2}",  # Gentoo
                "XSA-[0-9]{1,3}",  # Xen
                "APS[AB][0-9]{2}-[0-9]{2,3}",  # Adobe
                "ZDI-(?:CAN-[0-9]{4,6}|[0-9]{2}-[0-9]{3,4})",
                "ICSM?A-[0-9]{2}-[0-9]{3}-[0-9]{2}",  # CISA, on industrial and medical systems
                f"(?:AA|TA)[0-9]{{2}}-[0-9]{{3}}[A-Z]{_END}",  # CISA's alerts
                "MS(?:9[89]|0[0-9]|1[0-7])-[0-9]{3}",  # Microsoft, up to 2017
                "ADV[0-9]{6}",  # Microsoft, without a CVE id
                "KB[0-9]{6,7}",  # Microsoft's updates
                f"SA-(?:CORE|CONTRIB)-{_YEAR}-[0-9]{{3}}",  # Drupal
                f"SNWLID-{_YEAR}-[0-9]{{4}}",  # SonicWall
                "NTAP-[0-9]{8}-[0-9]{4}",  # NetApp
                "SSA-[0-9]{6}",  # Siemens
                "HPESB[A-Z]{2}[0-9]{5}",
                "CTX[0-9]{6}",  # Citrix
                "JSA[0-9]{5}",  # Juniper
                "K000[0-9]{6}",  # F5
                "INTEL-SA-[0-9]{5}",
                "AMD-SB-[0-9]{4}",
                f"TALOS-{_YEAR}-[0-9]{{4}}",
                f"VDE-{_YEAR}-[0-9]{{3}}",
            )
        ),
        _upper,
    ),
)

_ANY = re.compile(
    "(?<![A-Z0-9])(?=[A-Z])(?:"
    + "|".join(f"(?P<f{number}>{form.pattern})" for number, form in enumerate(_FORMS))
    + ")(?![0-9])",
    re.IGNORECASE | re.ASCII,
)
"""Bounded by letters and digits of ASCII and not by \\b: kana and kanji are word characters."""
