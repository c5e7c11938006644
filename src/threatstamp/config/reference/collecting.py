"""Settings of where news comes from and where it goes: feeds, sources, routes, Slack."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.config.reference.setting import TOP, Kind, Setting, of


def top() -> Iterator[Setting]:
    yield of(TOP, "language", Kind.CHOICE, '"en"', choices=("ja", "en"))
    yield of(TOP, "timezone", Kind.ZONE, '"Asia/Tokyo"', default='"Asia/Tokyo"')
    yield of(
        TOP,
        "database",
        Kind.DATABASE,
        '"postgresql://threatstamp@db.example/threatstamp"',
        default='"sqlite:///threatstamp.db"',
    )
    yield of(TOP, "alerts", Kind.CHANNEL, '"#sec-ops"')
    yield of(TOP, "heartbeat", Kind.ADDRESS, '"https://monitor.example/ping/threatstamp"')
    yield of(TOP, "routes_file", Kind.FILE, '"routes.csv"', instead="[[routes]]")
    yield of(TOP, "products_file", Kind.FILE, '"products.csv"')
    yield of(TOP, "findings_file", Kind.FILE, '"findings.csv"')
    yield of(TOP, "names_files", Kind.FILES, '["galaxy/threat-actor.json"]', default="[]")
    yield of(TOP, "sboms", Kind.TEXTS, '["sbom/*.json"]', default="[]")


def sources() -> Iterator[Setting]:
    yield of("sources", "channel", Kind.CHANNEL, '"#security-news"', required=True)
    yield of("sources", "keep", Kind.DURATION, '"365d"')


def routes() -> Iterator[Setting]:
    yield of("routes", "name", Kind.TEXT, '"ciso"')
    yield of("routes", "reaction", Kind.EMOJI, '"rotating_light"', required=True)
    yield of("routes", "to", Kind.CHANNELS, '["#sec-alert"]', required=True)
    yield of("routes", "mention", Kind.PEOPLE, '["@ciso", "here"]', default="[]")
    yield of("routes", "text", Kind.TEXT, '"…"', default='""')
    yield of("routes", "from", Kind.CHANNELS, '["#security-news"]', default="[]")
    yield of("routes", "allow", Kind.PEOPLE, '["@ciso", "U012AB3CD"]', default="[]")
    yield of("routes", "each", Kind.FLAG, "true", default="false")
    yield of("routes", "thread", Kind.FLAG, "true", default="false")
    yield of(
        "routes",
        "on_withdraw",
        Kind.CHOICE,
        '"ignore"',
        default='"mark"',
        choices=("mark", "ignore"),
    )
    yield of("routes", "delay", Kind.DURATION, '"30s"', default='"0s"')
    yield of("routes", "external", Kind.FLAG, "true", default="false")
    yield of("routes", "case", Kind.TEXT, '"product"')
    yield of("routes", "priority", Kind.CHOICE, '"critical"', choices=("critical", "high", "medium", "low"))
    yield of("routes", "ack_within", Kind.DURATION, '"30m"', default='"0s"')
    yield of("routes", "then", Kind.TOLD, '["@ciso", "#sec-ops"]', default="[]")
    yield of("routes", "confirm_by", Kind.CHOICE, '"button"', choices=("button",))
    yield of(
        "routes",
        "tlp",
        Kind.CHOICE,
        '"amber"',
        default='"green"',
        choices=("clear", "green", "amber", "amber+strict", "red"),
    )
    yield of(
        "routes",
        "digest",
        Kind.TIME,
        '"09:00"',
        instead="case, priority, thread, delay, ack_within, confirm_by",
    )


def feeds() -> Iterator[Setting]:
    yield of("feeds", "preset", Kind.TEXT, '"jpcert"')
    yield of("feeds", "name", Kind.TEXT, '"JPCERT/CC"')
    yield of("feeds", "url", Kind.ADDRESS, '"https://www.jpcert.or.jp/rss/jpcert.rdf"')
    yield of("feeds", "url_env", Kind.VARIABLE, '"NEWS_FEED_URL"', instead="url")
    yield of("feeds", "channel", Kind.CHANNEL, '"#security-news"')
    yield of("feeds", "every", Kind.DURATION, '"1h"', default='"10m"')
    yield of("feeds", "backlog", Kind.COUNT, "0")
    yield of("feeds", "burst", Kind.COUNT, "10")
    yield of("feeds", "timezone", Kind.ZONE, '"Asia/Tokyo"')
    yield of("feeds", "post", Kind.FLAG, "false", default="true")
    yield of(
        "feeds", "show", Kind.CHOICE, '"relevant"', default='"all"', choices=("all", "relevant", "digest")
    )
    yield of("feeds", "digest", Kind.TIME, '"17:00"', instead='show = "all"')
    yield of(
        "feeds", "tlp", Kind.CHOICE, '"amber"', choices=("clear", "green", "amber", "amber+strict", "red")
    )
    yield of("feeds", "store", Kind.CHOICE, '"headline"', default='"full"', choices=("full", "headline"))
    yield of("feeds", "max_size", Kind.SIZE, '"4MB"', default='"2MB"')
    yield of("feeds", "purpose", Kind.TEXT, '"…"')
    yield of(
        "feeds",
        "layer",
        Kind.CHOICE,
        '"operational"',
        choices=("strategic", "tactical", "operational"),
    )
    yield of("feeds", "owner", Kind.TEXT, '"…"')
    yield of("feeds", "reviewed_on", Kind.DATE, "2026-11-24")


def slack() -> Iterator[Setting]:
    yield of(
        "slack",
        "api_url",
        Kind.ADDRESS,
        '"http://127.0.0.1:8790/api/"',
        default='"https://slack.com/api/"',
    )
    yield of("slack", "mode", Kind.CHOICE, '"socket"', default='"socket"', choices=("socket", "http"))
    yield of(
        "slack",
        "confirm",
        Kind.CHOICE,
        '"thread"',
        default='"reaction"',
        choices=("reaction", "thread", "none"),
    )
    yield of("slack", "confirm_emoji", Kind.EMOJI, '"white_check_mark"', default='"outbox_tray"')
    yield of("slack", "pace", Kind.DURATION, '"2s"', default='"1s"')
    yield of("slack", "listen", Kind.PLACE, '"127.0.0.1:3000"')
    yield of("slack", "metrics", Kind.FLAG, "true", default="false")


def fetch() -> Iterator[Setting]:
    yield of("fetch", "allow_private", Kind.NETWORKS, '["10.0.0.0/8"]', default="[]")
    yield of("fetch", "backlog", Kind.COUNT, "0", default="3")
    yield of("fetch", "burst", Kind.COUNT, "10", default="5")
