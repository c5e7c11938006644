"""What the company's vulnerability scanner found in its products: a list beside the settings, CSV or XLSX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from threatstamp.config.cells import Heading, unguarded
from threatstamp.config.columns import Columns
from threatstamp.config.lines import Lines
from threatstamp.config.lists import list_rows
from threatstamp.config.product_words import names_of
from threatstamp.config.reader import Problems, Words
from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.folding import fold
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.cve import CveId, cves_in

MOST = 50_000
"""Rows of a list."""

MOST_HOSTS = 3
"""Hosts of one finding that are named; the others are counted."""

LONGEST = 120

COLUMNS = Columns(
    names={
        "product": names_of(
            "product, product name, software, software name, application, name",
            "製品名, 製品, ソフトウェア, ソフトウェア名, ソフト名, 名称, システム, システム名",
        ),
        "host": names_of(
            "host, hostname, host name, asset, asset name, ip, ip address, device, target, server,computer",
            "ホスト, ホスト名, 資産, 資産名, 機器, 機器名, 端末, 端末名, サーバ, サーバー, サーバ名,"
            "サーバー名, ipアドレス,"
            "対象, 対象ホスト",
        ),
        "cve": names_of(
            "cve, cve id, cve-id, cve_id, cves, cve number, vulnerability, vulnerability id",
            "cve番号, cve識別番号, 脆弱性, 脆弱性id, 脆弱性番号, 識別番号",
        ),
        "found_at": names_of(
            "found_at, found at, found, date, detected, detected at, first seen, last seen,"
            "first detected,"
            "last detected, scan date, scanned at",
            "検出日, 検出日時, 検知日, 検知日時, 発見日, 初回検出日, 最終検出日, スキャン日,"
            "スキャン日時, 診断日, 日付",
        ),
        "scanner": names_of(
            "scanner, tool, source, scanner name",
            "スキャナ, スキャナー, スキャナ名, ツール, 診断ツール, 検出元",
        ),
        "status": names_of("status, state", "状態, ステータス, 対応状況, 状況, 対応状態"),
        "": (
            "",
            *names_of("no, no., #, note, notes, memo, comment, remarks, id", "備考, メモ, 番号, コメント"),
        ),
    },
    required=("product", "cve"),
)

_STATES: Mapping[str, FindingState] = {
    **dict.fromkeys(
        names_of(
            "open, new, active, detected, found, reopened, re-opened, unresolved, unfixed, vulnerable,"
            "in progress",
            "未対応, 対応中, 対応待ち, 検出, 検出中, 検出済み, 検知, 再検出, 新規, 未修正, 未解決,"
            "未解消, 残存, オープン, 継続",
        ),
        FindingState.OPEN,
    ),
    **dict.fromkeys(
        names_of(
            "fixed, closed, resolved, remediated, patched, done",
            "対応済み, 対応済, 修正済み, 修正済, 解決済み, 解決済, 解決, 解消, 解消済み, 解消済, 完了,"
            "対応完了, クローズ",
        ),
        FindingState.FIXED,
    ),
}
"""What scanners and people write, in NFKC and lower case."""

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日|(?=[T ])|$)")


@dataclass(slots=True)
class _Found:
    """All rows about one vulnerability in one product. Hosts are told apart by their names."""

    hosts: dict[FindingState, dict[str, None]] = field(
        default_factory=lambda: {state: {} for state in FindingState}
    )
    states: set[FindingState] = field(default_factory=set)
    found_at: str = ""
    scanners: dict[str, None] = field(default_factory=dict)

    def finding(self, cve: CveId) -> ScannerFinding:
        state = FindingState.OPEN if FindingState.OPEN in self.states else FindingState.FIXED
        hosts = tuple(one for one in self.hosts[state] if one)
        said = ", ".join(one for one in self.scanners if one)
        return ScannerFinding(
            cve=cve,
            state=state,
            count=len(hosts),
            hosts=hosts[:MOST_HOSTS],
            found_at=self.found_at,
            scanner=said[:LONGEST],
        )


def with_findings(
    products: Sequence[Product], name: str, content: bytes, problems: Problems, *, may_lack: bool = False
) -> tuple[Product, ...]:
    """Returns the products with what a list says of them. name: the list's. Notes each row that is wrong.

    may_lack: there are products that are not known yet, so a row that names none of these is no mistake.
    """
    reading = Problems(name, Lines(""), problems.texts, into=problems)
    called: dict[str, list[int]] = {}
    for number, product in enumerate(products):
        for form in dict.fromkeys(fold(one) for one in (product.name, *product.aliases)):
            called.setdefault(form, []).append(number)
    found: dict[int, dict[CveId, _Found]] = {}
    for at, (line, heading, cells) in enumerate(list_rows(content, COLUMNS, reading)):
        if at == MOST:
            reading.add_at(line, "finding_many", most=MOST)
            break
        _add(_Row(line, _values(heading, cells), reading), called, found, may_lack=may_lack)
    return tuple(_with(product, found.get(number)) for number, product in enumerate(products))


def _with(product: Product, found: Mapping[CveId, _Found] | None) -> Product:
    if not found:
        return product
    return replace(product, findings=tuple(one.finding(cve) for cve, one in found.items()))


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: Mapping[str, str]
    problems: Problems

    def wrong(self, sentence: str, column: str) -> None:
        self.problems.add_at(self.line, sentence, key=Words(column), value=self.values.get(column, ""))


def _add(
    row: _Row, called: Mapping[str, list[int]], found: dict[int, dict[CveId, _Found]], *, may_lack: bool
) -> None:
    """Adds what a row says, unless something in it is wrong, to what was found by product."""
    numbers = called.get(fold(row.values.get("product", "")), [])
    if not row.values.get("product"):
        row.problems.add_at(row.line, "missing", key=Words(row.problems.texts("config.row")), name="product")
    elif not numbers and not may_lack:
        row.wrong("finding_product", "product")
    cves, state, day = _cves(row), _state(row), _day(row)
    host, scanner = _short(row, "host"), _short(row, "scanner")
    if not numbers or state is None or day is None or host is None or scanner is None:
        return
    for number in numbers:
        for cve in cves:
            one = found.setdefault(number, {}).setdefault(cve, _Found())
            one.states.add(state)
            one.hosts[state].setdefault(host)
            one.found_at = max(one.found_at, day)
            one.scanners.setdefault(scanner)


def _cves(row: _Row) -> tuple[CveId, ...]:
    """Returns the ids of a row: scanners name several that one update repairs."""
    said = row.values.get("cve", "")
    found = cves_in(said)
    if not said:
        row.problems.add_at(row.line, "missing", key=Words(row.problems.texts("config.row")), name="cve")
    elif not found:
        row.wrong("finding_cve", "cve")
    return found


def _state(row: _Row) -> FindingState | None:
    said = row.values.get("status", "")
    state = _STATES.get(unicodedata.normalize("NFKC", said).lower()) if said else FindingState.OPEN
    if state is None:
        row.wrong("finding_status", "status")
    return state


def _day(row: _Row) -> str | None:
    """Returns the day, "2026-11-20", of a date with or without a time; "" if there is none."""
    said = unicodedata.normalize("NFKC", row.values.get("found_at", ""))
    if not said:
        return ""
    parts = _DATE.match(said)
    with suppress(ValueError):  # of a 13th month
        if parts:
            return date(int(parts[1]), int(parts[2]), int(parts[3])).isoformat()
    row.wrong("finding_date", "found_at")
    return None


def _short(row: _Row, column: str) -> str | None:
    text = row.values.get(column, "")
    if len(text) <= LONGEST and text.isprintable():
        return text
    row.problems.add_at(
        row.line, "too_long" if text.isprintable() else "one_line", key=Words(column), most=LONGEST
    )
    return None


def _values(heading: Heading, cells: Sequence[str]) -> dict[str, str]:
    pairs = zip(heading.columns, cells, strict=False)
    return {column: " ".join(unguarded(cell).split()) for column, cell in pairs if column}
