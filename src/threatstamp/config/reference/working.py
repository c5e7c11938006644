"""Settings of what people work with: cases, tracks, the calendar, the spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.config.reference.setting import Kind, Setting, of
from threatstamp.core.news.marking import Tlp
from threatstamp.core.priority.urgency import SCALE


def sheets() -> Iterator[Setting]:
    yield of("sheets", "id", Kind.TEXT, '"1AbCdEfGhIjKlMnOpQrStUvWxYz"', required=True)
    yield of("sheets", "routes", Kind.TEXT, '"routes"', instead="[[routes]]")
    yield of("sheets", "products", Kind.TEXT, '"products"')
    yield of("sheets", "record", Kind.TEXT, '"record"')
    yield of("sheets", "counts", Kind.TEXT, '"counts"')
    yield of(
        "sheets",
        "api_url",
        Kind.ADDRESS,
        '"http://127.0.0.1:8799/"',
        default='"https://sheets.googleapis.com/"',
    )
    yield of("sheets", "credentials", Kind.FILE, '"service-account.json"')


def cases() -> Iterator[Setting]:
    yield of("cases", "deciders", Kind.PEOPLE, '["@ciso"]', default="[]")
    yield of("cases", "analysts", Kind.PEOPLE, '["@sec-team"]', default="[]")
    yield of("cases", "viewers", Kind.PEOPLE, '["@audit"]', default="[]")
    yield of("cases", "admins", Kind.PEOPLE, '["@it-lead"]', default="[]")
    yield of("cases", "morning", Kind.TIME, '"09:00"')
    yield of("cases", "morning_channel", Kind.CHANNEL, '"#sec-team"')
    yield of("cases", "remind", Kind.COUNT, "1")
    yield of("cases", "recommend", Kind.FILE, '"recommend.toml"', default='"default"')
    urgent_first = tuple(reversed(SCALE))
    yield of("cases", "second_approver", Kind.CHOICE, '"high"', choices=urgent_first)
    yield of("cases", "response_times", Kind.FLAG, "true", default="false")
    yield of("cases", "remind_before", Kind.DURATION, '"14d"', default='"7d"')
    yield of("cases", "announce_to", Kind.CHANNELS, '["#all-staff"]', default="[]")
    yield of("cases", "take_emoji", Kind.EMOJI, '"hand"', default='"raising_hand"')
    yield of("cases", "assess_emoji", Kind.EMOJI, '"bell"', default='"pray"')
    yield of("cases", "decide_now_emoji", Kind.EMOJI, '"fire"', default='"zap"')
    yield of("cases", "decide_plan_emoji", Kind.EMOJI, '"date"', default='"calendar"')
    yield of("cases", "decide_mitigate_emoji", Kind.EMOJI, '"lock"', default='"shield"')
    yield of("cases", "approve_emoji", Kind.EMOJI, '"lower_left_fountain_pen"', default='"handshake"')
    yield of("cases", "brief_emoji", Kind.EMOJI, '"package"', default='"incoming_envelope"')
    yield of("cases", "ticket_emoji", Kind.EMOJI, '"admission_tickets"', default='"ticket"')
    yield of("cases", "acknowledge_emoji", Kind.EMOJI, '"thumbsup"', default='"ok_hand"')
    yield of("cases", "done_emoji", Kind.EMOJI, '"checkered_flag"', default='"white_check_mark"')
    yield of("cases", "note_emoji", Kind.EMOJI, '"pencil"', default='"memo"')


def tracks() -> Iterator[Setting]:
    yield of("tracks", "name", Kind.TEXT, '"factory"', required=True)
    yield of("tracks", "label", Kind.WORDS, '{ ja = "工場", en = "Factory" }')
    yield of(
        "tracks",
        "like",
        Kind.CHOICE,
        '"investigate"',
        default='"product"',
        choices=("app-update", "product", "investigate"),
    )
    yield of("tracks", "lead", Kind.PEOPLE, '["@factory-lead"]', default="[]")
    yield of("tracks", "checklist", Kind.STEPS, '[{ ja = "ログを保全する", en = "Keep the logs" }]')
    yield of("tracks", "due", Kind.TERMS, "{ critical = 3, high = 14 }")
    yield of("tracks", "channel", Kind.CHANNEL, '"#factory-dev"')
    yield of("tracks", "ticket", Kind.TEXT, '"dev"')


def trackers() -> Iterator[Setting]:
    yield of("trackers", "name", Kind.TEXT, '"dev"', required=True)
    yield of(
        "trackers",
        "kind",
        Kind.CHOICE,
        '"jira"',
        choices=("webhook", "github", "jira", "backlog"),
        required=True,
    )
    yield of("trackers", "url", Kind.ADDRESS, '"https://example.atlassian.net"')
    yield of("trackers", "url_env", Kind.VARIABLE, '"TICKET_WEBHOOK_URL"', instead="url")
    yield of("trackers", "project", Kind.TEXT, '"SEC"')
    yield of("trackers", "type", Kind.TEXT, '"Task"')
    yield of("trackers", "account", Kind.TEXT, '"threatstamp@example.com"')
    yield of("trackers", "secret_env", Kind.VARIABLE, '"JIRA_API_TOKEN"')
    yield of("trackers", "tlp", Kind.CHOICE, '"amber"', default='"green"', choices=tuple(Tlp))


def calendar() -> Iterator[Setting]:
    yield of("calendar", "country", Kind.COUNTRY, '"DE-BY"', default='"JP"')
    yield of("calendar", "days_off", Kind.DAYS, '["12-29", "2026-08-14"]', default="[]")
    yield of("calendar", "quiet", Kind.TEXT, '"20:00-08:00"')
