"""Three ways to read a line: ours, and two that take an afternoon to write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache

from eval.lines import Said
from threatstamp.cli.reading import Reader, reader
from threatstamp.config.actors import known_names
from threatstamp.config.kinds import kind_rules
from threatstamp.config.known import catalogue
from threatstamp.core.news.entry import Entry


@cache
def _reader() -> Reader:
    return reader(())


def ours(text: str) -> Said:
    """Reads a line as `read --text` does."""
    entry = Entry(entry_id="line", title=text)
    gist = _reader().gist(entry)
    return {
        "ids": frozenset(one.value for one in gist.ids),
        "kind": frozenset({gist.subject.kind.value}),
        "layer": frozenset({gist.subject.layer.value}),
        "products": frozenset(one.name for one in _reader().products_in(entry)),
        "indicators": frozenset(f"{one.kind}:{one.value}" for one in gist.indicators),
        "names": frozenset(one.name for one in gist.names),
    }


_FIRST = (
    ("exploited", r"悪用|exploited|zero-day|ゼロデイ"),
    ("vulnerability", r"脆弱性|CVE-|vulnerability|flaw"),
    ("phishing", r"フィッシング|詐欺|phishing|scam"),
    ("malware", r"マルウェア|ランサムウェア|malware|ransomware|trojan"),
    ("incident", r"不正アクセス|漏えい|流出|breach|leak"),
    ("update", r"アップデート|更新プログラム|リリース|update|release"),
    ("guidance", r"ガイド|調査|guide|report"),
)


def by_regex(text: str) -> Said:
    """Reads a line as most scripts do: a pattern for each thing, and the first kind whose words are there."""
    kind = next((kind for kind, words in _FIRST if re.search(words, text, re.IGNORECASE)), "other")
    return {
        "ids": frozenset(re.findall(r"\bCVE-\d{4}-\d{4,7}\b", text)),
        "kind": frozenset({kind}),
        "layer": frozenset({"operational"}),
        "products": frozenset(name for name, form in _patterns(_products()) if form.search(text)),
        "indicators": frozenset(_naive_indicators(text)),
        "names": frozenset(name for name, form in _patterns(_names()) if form.search(text)),
    }


def by_keywords(text: str) -> Said:
    """Reads a line by the words of our own rules, but without weights, denials and boundaries."""
    small = text.lower()
    counts: Counter[str] = Counter()
    for kind, clues in kind_rules().kinds.items():
        counts[kind.value] = sum(one.weight > 0 and one.said.strip("*").lower() in small for one in clues)
    guessed, most = counts.most_common(1)[0]
    refanged = text.replace("[.]", ".").replace("hxxp", "http").replace("[at]", "@")
    return {
        "ids": frozenset(one.upper() for one in re.findall(r"[A-Za-z]{2,6}-\d{2,4}[-:]\d{2,7}", text)),
        "kind": frozenset({guessed if most else "other"}),
        "layer": frozenset({"strategic" if guessed in {"guidance", "other"} else "operational"}),
        "products": frozenset(name for name in _products() if name.lower() in small),
        "indicators": frozenset(_naive_indicators(refanged)),
        "names": frozenset(name for name in _names() if name.lower() in small),
    }


READERS: tuple[tuple[str, Callable[[str], Said]], ...] = (
    ("ours", ours),
    ("regex", by_regex),
    ("keywords", by_keywords),
)


@cache
def _patterns(names: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)) for name in names]


@cache
def _products() -> tuple[str, ...]:
    return tuple(one.name for one in catalogue().products)


@cache
def _names() -> tuple[str, ...]:
    return tuple(one.name for one in known_names())


_NAIVE = (
    ("url", r"https?://\S+"),
    ("ipv4", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("sha256", r"\b[0-9a-f]{64}\b"),
    ("md5", r"\b[0-9a-f]{32}\b"),
    ("sha1", r"\b[0-9a-f]{40}\b"),
    ("email", r"\b[\w.]+@[\w.-]+\b"),
    ("domain", r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b"),
)


def _naive_indicators(text: str) -> list[str]:
    """Returns what the usual patterns find, written as ours is, so that only the finding is compared."""
    found = []
    for kind, pattern in _NAIVE:
        for one in re.findall(pattern, text):
            if kind == "url":
                scheme, _, rest = one.partition("://")
                host, slash, path = rest.partition("/")
                one = f"{scheme.replace('http', 'hxxp')}://{host.replace('.', '[.]')}{slash}{path}"
            elif kind == "email":
                one = one.replace("@", "[@]").replace(".", "[.]")
            elif kind in {"ipv4", "domain"}:
                one = one.replace(".", "[.]")
            found.append(f"{kind}:{one}")
    return found
