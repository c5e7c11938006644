"""Every setting once: type, default, example. The sentences about them are in texts/*/settings.toml.

The pages docs/settings*.md, `config example`, `config show` and the examples in error messages are made from
this. `Table` reads no key that is not here, and a test reads a file with every key that is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.config.published import ADDRESSES, CVE_RECORDS, NVD_KEY
from threatstamp.config.secrets import PREFIXES
from threatstamp.core.assets.product import Criticality, Where
from threatstamp.core.priority.urgency import SCALE
from threatstamp.texts.catalogue import Texts

TOP = ""
"""The part of the file before its first [table]."""

TABLES: dict[str, bool] = {TOP: False, "sources": True, "routes": True, "feeds": True} | {
    "slack": False,
    "fetch": False,
    "sheets": False,
    "cases": False,
    "tracks": True,
    "products": True,
    "policy": False,
    "policy.rules": True,
    "policy.tests": True,
    "calendar": False,
    "facts": False,
}
"""The tables in the order in which they are explained; true for those that may be repeated, [[routes]]."""


class Kind(StrEnum):
    """What a value is, each with its words `type_…`."""

    CHOICE = "choice"
    TEXT = "text"
    FLAG = "flag"
    COUNT = "count"
    DURATION = "duration"
    SIZE = "size"
    DATE = "date"
    ZONE = "zone"
    DATABASE = "database"
    FILE = "file"
    ADDRESS = "address"
    PLACE = "place"
    VARIABLE = "variable"
    EMOJI = "emoji"
    CHANNEL = "channel"
    CHANNELS = "channels"
    PEOPLE = "people"
    NETWORKS = "networks"
    TEXTS = "texts"
    CVE = "cve"
    CONDITIONS = "conditions"
    TABLE = "table"
    COUNTRY = "country"
    DAYS = "days"
    TOLD = "told"
    TIME = "time"
    NAMES = "names"
    WORDS = "words"
    """A text, or one in each language."""
    STEPS = "steps"
    TERMS = "terms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key of the file. example, default: as they are written in TOML; "" where no value is the default.

    The catalogue `settings` has its sentence, and in its own words, where TOML has none, `…_default` and
    `…_example`.

    choices: the values of a CHOICE. required: a table without it is refused. instead: the keys or the
    table that it excludes.
    """

    table: str
    key: str
    kind: Kind
    example: str
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    instead: str = ""

    @property
    def name(self) -> str:
        """Its sentence: the key in the catalogue."""
        return f"settings.{plain_name(self.table)}_{self.key}"

    def example_in(self, texts: Texts) -> str:
        """Returns the example, which may be a sentence in a language."""
        name = f"{self.name}_example"
        return texts(name) if texts.has(name) else self.example


def plain_name(table: str) -> str:
    """Returns a table's name as the catalogue has it in its keys: policy_rules."""
    return table.replace(".", "_") or "top"


def _top() -> Iterator[Setting]:
    yield _of(TOP, "language", Kind.CHOICE, '"en"', choices=("ja", "en"))
    yield _of(TOP, "timezone", Kind.ZONE, '"Asia/Tokyo"', default='"Asia/Tokyo"')
    yield _of(
        TOP,
        "database",
        Kind.DATABASE,
        '"postgresql://threatstamp@db.example/threatstamp"',
        default='"sqlite:///threatstamp.db"',
    )
    yield _of(TOP, "alerts", Kind.CHANNEL, '"#sec-ops"')
    yield _of(TOP, "heartbeat", Kind.ADDRESS, '"https://monitor.example/ping/threatstamp"')
    yield _of(TOP, "routes_file", Kind.FILE, '"routes.csv"', instead="[[routes]]")
    yield _of(TOP, "products_file", Kind.FILE, '"products.csv"')
    yield _of(TOP, "findings_file", Kind.FILE, '"findings.csv"')
    yield _of(TOP, "sboms", Kind.TEXTS, '["sbom/*.json"]', default="[]")


def _sources() -> Iterator[Setting]:
    yield _of("sources", "channel", Kind.CHANNEL, '"#security-news"', required=True)
    yield _of("sources", "keep", Kind.DURATION, '"365d"')


def _routes() -> Iterator[Setting]:
    yield _of("routes", "name", Kind.TEXT, '"ciso"')
    yield _of("routes", "reaction", Kind.EMOJI, '"rotating_light"', required=True)
    yield _of("routes", "to", Kind.CHANNELS, '["#sec-alert"]', required=True)
    yield _of("routes", "mention", Kind.PEOPLE, '["@ciso", "here"]', default="[]")
    yield _of("routes", "text", Kind.TEXT, '"…"', default='""')
    yield _of("routes", "from", Kind.CHANNELS, '["#security-news"]', default="[]")
    yield _of("routes", "allow", Kind.PEOPLE, '["@ciso", "U012AB3CD"]', default="[]")
    yield _of("routes", "each", Kind.FLAG, "true", default="false")
    yield _of("routes", "thread", Kind.FLAG, "true", default="false")
    yield _of(
        "routes",
        "on_withdraw",
        Kind.CHOICE,
        '"ignore"',
        default='"mark"',
        choices=("mark", "ignore"),
    )
    yield _of("routes", "delay", Kind.DURATION, '"30s"', default='"0s"')
    yield _of("routes", "external", Kind.FLAG, "true", default="false")
    yield _of("routes", "case", Kind.TEXT, '"product"')
    yield _of("routes", "ack_within", Kind.DURATION, '"30m"', default='"0s"')
    yield _of("routes", "then", Kind.TOLD, '["@ciso", "#sec-ops"]', default="[]")
    yield _of("routes", "confirm_by", Kind.CHOICE, '"button"', choices=("button",))
    yield _of(
        "routes",
        "tlp",
        Kind.CHOICE,
        '"amber"',
        default='"green"',
        choices=("clear", "green", "amber", "amber+strict", "red"),
    )
    yield _of("routes", "digest", Kind.TIME, '"09:00"', instead="case, thread, delay, ack_within, confirm_by")


def _feeds() -> Iterator[Setting]:
    yield _of("feeds", "preset", Kind.TEXT, '"jpcert"')
    yield _of("feeds", "name", Kind.TEXT, '"JPCERT/CC"')
    yield _of("feeds", "url", Kind.ADDRESS, '"https://www.jpcert.or.jp/rss/jpcert.rdf"')
    yield _of("feeds", "url_env", Kind.VARIABLE, '"NEWS_FEED_URL"', instead="url")
    yield _of("feeds", "channel", Kind.CHANNEL, '"#security-news"')
    yield _of("feeds", "every", Kind.DURATION, '"1h"', default='"10m"')
    yield _of("feeds", "backlog", Kind.COUNT, "0")
    yield _of("feeds", "burst", Kind.COUNT, "10")
    yield _of("feeds", "timezone", Kind.ZONE, '"Asia/Tokyo"')
    yield _of("feeds", "post", Kind.FLAG, "false", default="true")
    yield _of(
        "feeds", "show", Kind.CHOICE, '"relevant"', default='"all"', choices=("all", "relevant", "digest")
    )
    yield _of("feeds", "digest", Kind.TIME, '"17:00"', instead='show = "all"')
    yield _of(
        "feeds", "tlp", Kind.CHOICE, '"amber"', choices=("clear", "green", "amber", "amber+strict", "red")
    )
    yield _of("feeds", "store", Kind.CHOICE, '"headline"', default='"full"', choices=("full", "headline"))
    yield _of("feeds", "max_size", Kind.SIZE, '"4MB"', default='"2MB"')
    yield _of("feeds", "purpose", Kind.TEXT, '"…"')
    yield _of(
        "feeds",
        "layer",
        Kind.CHOICE,
        '"operational"',
        choices=("strategic", "tactical", "operational"),
    )
    yield _of("feeds", "owner", Kind.TEXT, '"…"')
    yield _of("feeds", "reviewed_on", Kind.DATE, "2026-11-24")


def _slack() -> Iterator[Setting]:
    yield _of(
        "slack",
        "api_url",
        Kind.ADDRESS,
        '"http://127.0.0.1:8790/api/"',
        default='"https://slack.com/api/"',
    )
    yield _of("slack", "mode", Kind.CHOICE, '"socket"', default='"socket"', choices=("socket", "http"))
    yield _of(
        "slack",
        "confirm",
        Kind.CHOICE,
        '"thread"',
        default='"reaction"',
        choices=("reaction", "thread", "none"),
    )
    yield _of("slack", "confirm_emoji", Kind.EMOJI, '"white_check_mark"', default='"outbox_tray"')
    yield _of("slack", "pace", Kind.DURATION, '"2s"', default='"1s"')
    yield _of("slack", "listen", Kind.PLACE, '"127.0.0.1:3000"')
    yield _of("slack", "metrics", Kind.FLAG, "true", default="false")


def _fetch() -> Iterator[Setting]:
    yield _of("fetch", "allow_private", Kind.NETWORKS, '["10.0.0.0/8"]', default="[]")
    yield _of("fetch", "backlog", Kind.COUNT, "0", default="3")
    yield _of("fetch", "burst", Kind.COUNT, "10", default="5")


def _sheets() -> Iterator[Setting]:
    yield _of("sheets", "id", Kind.TEXT, '"1AbCdEfGhIjKlMnOpQrStUvWxYz"', required=True)
    yield _of("sheets", "routes", Kind.TEXT, '"routes"', instead="[[routes]]")
    yield _of("sheets", "record", Kind.TEXT, '"record"')
    yield _of("sheets", "counts", Kind.TEXT, '"counts"')
    yield _of(
        "sheets",
        "api_url",
        Kind.ADDRESS,
        '"http://127.0.0.1:8799/"',
        default='"https://sheets.googleapis.com/"',
    )
    yield _of("sheets", "credentials", Kind.FILE, '"service-account.json"')


def _cases() -> Iterator[Setting]:
    yield _of("cases", "deciders", Kind.PEOPLE, '["@ciso"]', default="[]")
    yield _of("cases", "analysts", Kind.PEOPLE, '["@sec-team"]', default="[]")
    yield _of("cases", "morning", Kind.TIME, '"09:00"')
    yield _of("cases", "morning_channel", Kind.CHANNEL, '"#sec-team"')
    yield _of("cases", "remind", Kind.COUNT, "1")
    yield _of("cases", "recommend", Kind.FILE, '"recommend.toml"', default='"default"')
    urgent_first = tuple(reversed(SCALE))
    yield _of("cases", "second_approver", Kind.CHOICE, '"high"', choices=urgent_first)
    yield _of("cases", "response_times", Kind.FLAG, "true", default="false")
    yield _of("cases", "remind_before", Kind.DURATION, '"14d"', default='"7d"')
    yield _of("cases", "announce_to", Kind.CHANNELS, '["#all-staff"]', default="[]")
    yield _of("cases", "take_emoji", Kind.EMOJI, '"hand"', default='"raising_hand"')
    yield _of("cases", "assess_emoji", Kind.EMOJI, '"bell"', default='"pray"')
    yield _of("cases", "decide_now_emoji", Kind.EMOJI, '"fire"', default='"zap"')
    yield _of("cases", "decide_plan_emoji", Kind.EMOJI, '"date"', default='"calendar"')
    yield _of("cases", "decide_mitigate_emoji", Kind.EMOJI, '"lock"', default='"shield"')
    yield _of("cases", "approve_emoji", Kind.EMOJI, '"lower_left_fountain_pen"', default='"handshake"')
    yield _of("cases", "brief_emoji", Kind.EMOJI, '"package"', default='"incoming_envelope"')
    yield _of("cases", "acknowledge_emoji", Kind.EMOJI, '"thumbsup"', default='"ok_hand"')
    yield _of("cases", "done_emoji", Kind.EMOJI, '"checkered_flag"', default='"white_check_mark"')
    yield _of("cases", "note_emoji", Kind.EMOJI, '"pencil"', default='"memo"')


def _tracks() -> Iterator[Setting]:
    yield _of("tracks", "name", Kind.TEXT, '"factory"', required=True)
    yield _of("tracks", "label", Kind.WORDS, '{ ja = "工場", en = "Factory" }')
    yield _of(
        "tracks",
        "like",
        Kind.CHOICE,
        '"investigate"',
        default='"product"',
        choices=("app-update", "product", "investigate"),
    )
    yield _of("tracks", "lead", Kind.PEOPLE, '["@factory-lead"]', default="[]")
    yield _of("tracks", "checklist", Kind.STEPS, '[{ ja = "ログを保全する", en = "Keep the logs" }]')
    yield _of("tracks", "due", Kind.TERMS, "{ critical = 3, high = 14 }")
    yield _of("tracks", "channel", Kind.CHANNEL, '"#factory-dev"')


def _products() -> Iterator[Setting]:
    yield _of("products", "name", Kind.TEXT, '"FortiGate"', required=True)
    yield _of("products", "aliases", Kind.TEXTS, '["FortiOS", "フォーティゲート"]', default="[]")
    yield _of("products", "vendor", Kind.TEXT, '"Fortinet"')
    yield _of("products", "version", Kind.TEXT, '"7.4.3"')
    yield _of("products", "cpe", Kind.TEXT, '"cpe:2.3:o:fortinet:fortios:7.4.3:*:*:*:*:*:*:*"')
    yield _of("products", "purl", Kind.TEXT, '"pkg:npm/lodash@4.17.21"')
    yield _of("products", "owner", Kind.TEXT, '"S0NETTEAM"')
    yield _of("products", "where", Kind.CHOICE, '"network"', choices=tuple(Where))
    yield _of("products", "exposed", Kind.FLAG, "true")
    yield _of("products", "criticality", Kind.CHOICE, '"high"', choices=tuple(Criticality))
    yield _of("products", "tags", Kind.TEXTS, '["vpn"]', default="[]")


def _policy() -> Iterator[Setting]:
    priorities = ("critical", "high", "medium", "low")
    rules, tests = "policy.rules", "policy.tests"
    yield _of("policy", "table", Kind.TABLE, '"deployer"', default='"bod-26-04"')
    yield _of(rules, "when", Kind.CONDITIONS, "{ cvss_above = 9.0 }", required=True)
    yield _of(rules, "raise_to", Kind.CHOICE, '"critical"', choices=priorities)
    yield _of(rules, "raise_by", Kind.COUNT, "1", instead="raise_to")
    yield _of(rules, "lower_to", Kind.CHOICE, '"low"', choices=priorities, instead="raise_to")
    yield _of(rules, "reason", Kind.TEXT, '"…"', required=True)
    yield _of(tests, "cve", Kind.CVE, '"CVE-2024-21762"', required=True)
    yield _of(tests, "product", Kind.TEXT, '"FortiGate"')
    yield _of(tests, "exposed", Kind.FLAG, "true")
    expected = (*priorities, "not_assessed")
    yield _of(tests, "expect", Kind.CHOICE, '"critical"', choices=expected, required=True)


def _calendar() -> Iterator[Setting]:
    yield _of("calendar", "country", Kind.COUNTRY, '"DE-BY"', default='"JP"')
    yield _of("calendar", "days_off", Kind.DAYS, '["12-29", "2026-08-14"]', default="[]")
    yield _of("calendar", "quiet", Kind.TEXT, '"20:00-08:00"')


def _facts() -> Iterator[Setting]:
    yield _of("facts", "sources", Kind.NAMES, '["cvelist", "kev", "epss"]', default="[]")
    for source, address in ADDRESSES.items():
        example = f'"https://mirror.example/{source}"'
        yield _of("facts", f"{source}_url", Kind.ADDRESS, example, default=f'"{address}"')
    example = '"https://mirror.example/cve"'
    yield _of("facts", "record_url", Kind.ADDRESS, example, default=f'"{CVE_RECORDS}"')


def _of(
    table: str,
    key: str,
    kind: Kind,
    example: str,
    *,
    default: str = "",
    choices: tuple[str, ...] = (),
    required: bool = False,
    instead: str = "",
) -> Setting:
    return Setting(
        table=table,
        key=key,
        kind=kind,
        example=example,
        default=default,
        choices=choices,
        required=required,
        instead=instead,
    )


SETTINGS = (
    *_top(),
    *_sources(),
    *_routes(),
    *_feeds(),
    *_slack(),
    *_fetch(),
    *_sheets(),
    *_cases(),
    *_tracks(),
    *_products(),
    *_policy(),
    *_calendar(),
    *_facts(),
)
"""All settings, table by table, in the order in which they are explained."""

_BY_PLACE = {(one.table, one.key): one for one in SETTINGS}

FROM_FILES = (*PREFIXES, NVD_KEY)
"""Secrets: NAME_FILE may name a file that contains the value."""

ENVIRONMENT = (
    *FROM_FILES,
    *("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"),
    "PGPASSFILE",
    *("THREATSTAMP_LOG", "THREATSTAMP_LOG_FORMAT"),
)
"""The variables that the desk reads, each with its sentence."""


def setting_at(table: tuple[str | int, ...], key: str) -> Setting | None:
    """Returns the setting of a key in the table at a path, ("routes", 1); None for a key that is a table.

    Raises KeyError for a key that is not documented.
    """
    name = ".".join(part for part in table if isinstance(part, str))
    if (f"{name}.{key}" if name else key) in TABLES:
        return None
    return _BY_PLACE[name, key]


def settings_of(table: str) -> tuple[Setting, ...]:
    """Returns the settings of a table in their order."""
    return tuple(one for one in SETTINGS if one.table == table)
