"""The file: what it means, and all that can be wrong with it, said at once."""

from __future__ import annotations

import pickle
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.config.addresses import listen_place
from threatstamp.config.calendar import calendar_of
from threatstamp.config.proxies import proxy_for
from threatstamp.config.secrets import needed_secrets, read_secrets
from threatstamp.config.settings import Settings, read_settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.calendar import Quiet
from threatstamp.core.errors import PolicyError
from threatstamp.core.ids import Emoji
from threatstamp.core.news.feed import Show
from threatstamp.core.stamps.route import OnWithdraw

GOOD = """
language = "en"
[[sources]]
channel = "#security-news"
[[routes]]
reaction = ":rotating_light:"
to = ["#sec-alert"]
"""


def settings(folder: Path, text: str | bytes) -> Settings:
    path = folder / "threatstamp.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_settings(path)


def problems(folder: Path, text: str | bytes) -> str:
    with pytest.raises(PolicyError) as caught:
        settings(folder, text)
    return "\n".join(caught.value.problems)


def read_or_problems(folder: Path, text: str | bytes) -> object:
    """Returns the settings, or what is wrong; anything else is a failure."""
    try:
        return settings(folder, text)
    except PolicyError as error:
        return error.problems


def test_the_least_file_is_understood(tmp_path: Path) -> None:
    found = settings(tmp_path, GOOD)
    assert found.database == f"sqlite:///{tmp_path}/threatstamp.db"
    assert str(found.timezone) == "Asia/Tokyo"
    [route] = found.routes
    assert (route.reaction, route.to, route.id) == (
        "rotating_light",
        ("#sec-alert",),
        "rotating_light>#sec-alert",
    )


def test_what_no_database_can_hold_is_replaced_as_the_file_is_read(tmp_path: Path) -> None:
    found = settings(tmp_path, GOOD + 'text = "a\\u0000b"\n')
    assert found.routes[0].text == "a\ufffdb"


def test_every_key_of_a_route_is_understood(tmp_path: Path) -> None:
    more = """
name = "ciso"
mention = ["U0CISO", "S0SEC", "here", "a@b.example", "@handle", "<@U0X1|x>", "<!subteam^S0Y1|@y>", "<!here>"]
text = "至急"
from = ["#security-news"]
allow = ["U0A1", "S0B1"]
each = true
on_withdraw = "ignore"
delay = "1h2m3s"
external = true
"""
    [route] = settings(tmp_path, GOOD + more).routes
    assert route.mention == ("U0CISO", "S0SEC", "here", "a@b.example", "@handle", "U0X1", "S0Y1")
    assert (route.delay, route.each, route.external, route.on_withdraw) == (
        3723.0,
        True,
        True,
        OnWithdraw.IGNORE,
    )


def test_all_that_is_wrong_is_said_at_once_with_line_and_nearest_key(tmp_path: Path) -> None:
    text = (
        GOOD
        + 'reacton = "x"\nmention = ["@channel", "nobody"]\ndelay = "5 minutes"\neach = "yes"\n[slack]\nmode = "sokcet"\n'
    )
    said = problems(tmp_path, text)
    assert "threatstamp.toml:8: routes[1].reacton is not known; did you mean reaction?" in said
    assert "threatstamp.toml:9:" in said
    assert '"nobody" cannot be mentioned' in said
    assert "threatstamp.toml:10:" in said
    assert "threatstamp.toml:11:" in said
    assert 'threatstamp.toml:13: slack.mode = "sokcet" is not known' in said
    assert len(said.splitlines()) == 6


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("[[routes]]", "[[route]]"), "did you mean routes"),
        (("#sec-alert", "#security-news"), "a source that this route listens to"),
        (("#security-news", "security news"), "is not a channel"),
        (('reaction = ":rotating_light:"', "reaction = 5"), "must be text"),
        (('to = ["#sec-alert"]', 'to = "#sec-alert"'), "must be a list"),
        (('to = ["#sec-alert"]', ""), "has no to"),
        (('language = "en"', 'language = "en"\ndatabase = "mysql://x"'), "postgresql://user@host/name"),
        (('language = "en"', 'language = "en"\nheartbeat = "http://x.example"'), "https://"),
        (('language = "en"', 'language = "en"\ntimezone = "Asia/Tokio"'), "did you mean Asia/Tokyo"),
        (('language = "en"', 'language = "en"\n[slack]\nmode = "https"'), "did you mean http"),
        (('language = "en"', 'language = "en"\n[slack]\nlisten = "desk:80"'), '"0.0.0.0:3000"'),
        (('language = "en"', 'language = "en"\n[slack]\nmetrics = true'), "needs `listen`"),
        (('language = "en"', 'language = "en"\nbot_token = "x"'), "environment"),
    ],
)
def test_each_mistake_has_its_sentence(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    text = GOOD.replace(*change)
    if "[slack]" in text:
        head, _, tail = text.partition("[[sources]]")
        lines = head.split("\n[", 1)
        text = f"{lines[0]}\n[[sources]]{tail}\n[{lines[1]}"
    assert expected in problems(tmp_path, text)


def test_a_token_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    said = problems(tmp_path, GOOD + '\ntext = "xoxb-1234567890-secret"\n')
    assert "Slack token" in said
    assert "1234567890" not in said


def test_a_syntax_error_stands_alone_with_line_and_column(tmp_path: Path) -> None:
    said = problems(tmp_path, GOOD + "\nx = [1,\n= 2")
    assert said.startswith("threatstamp.toml:")
    assert len(said.splitlines()) == 1


def test_thread_answers_only_in_the_posts_own_channel(tmp_path: Path) -> None:
    text = GOOD.replace("#sec-alert", "#security-news") + "thread = true\n"
    assert settings(tmp_path, text).routes[0].thread
    assert "thread of the post itself" in problems(tmp_path, GOOD + "thread = true\n")


def test_a_missing_file_says_which_and_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        read_settings(tmp_path / "no.toml")
    assert "--config" in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_settings_or_a_problem(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    for text in (content, GOOD.encode() + content):
        assert read_or_problems(folder, text)


def test_secrets_come_by_environment_or_file_and_never_show(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-abcdef-123\n", encoding="utf-8")
    secrets = read_secrets({"SLACK_BOT_TOKEN_FILE": str(file), "SLACK_APP_TOKEN": "xapp-1-abc"})
    assert secrets.bot_token is not None
    assert secrets.bot_token.reveal() == "xoxb-abcdef-123"
    for shown in (repr(secrets), str(secrets), f"{secrets.bot_token}"):
        assert "abcdef" not in shown
    with pytest.raises(TypeError):
        pickle.dumps(secrets.bot_token)


CASED = f'{GOOD}case = "product"\n[cases]\n'


def test_a_route_can_open_cases_and_emoji_on_the_card_are_no_stamps(tmp_path: Path) -> None:
    found = settings(tmp_path, f'{CASED}deciders = ["@CISO", "S0SEC"]\ndone_emoji = "🏁"\n')
    assert found.routes[0].case == "product"
    assert found.cases.deciders == ("@CISO", "S0SEC")
    assert found.cases.signs[Emoji("checkered_flag")] == "done"
    assert found.cases.signs[Emoji("zap")] == "decide_now"
    said = problems(
        tmp_path, f'{CASED}take_emoji = "rotating_light"\ndone_emoji = "zap"\ndeciders = ["here"]\n'
    )
    assert "cases.take_emoji" in said
    assert "decide_now_emoji" in said
    assert "cases.deciders" in said
    assert "routes[1].case" in problems(tmp_path, GOOD.replace('["#sec-alert"]', "[]") + 'case = "product"\n')
    assert "app-update" in problems(tmp_path, f'{GOOD}case = "prodct"\n')


def test_a_route_can_wait_for_an_acknowledgement_or_for_its_digest(tmp_path: Path) -> None:
    [route] = settings(tmp_path, f'{GOOD}ack_within = "30m"\nthen = ["@CISO", "S0SEC", "#Sec-Ops"]\n').routes
    assert (route.ack_within, route.then) == (1_800.0, ("@CISO", "S0SEC", "#sec-ops"))
    [route] = settings(tmp_path, f'{GOOD}digest = "9:05"\n').routes
    assert route.digest == time(9, 5)
    for wrong, key in (
        ('ack_within = "30m"', "ack_within"),
        ('then = ["@ciso"]', "then"),
        ('ack_within = "30m"\nthen = ["here"]', "then"),
        ('ack_within = "30m"\nthen = ["#security-news"]', "then"),
        ('digest = "25:00"', "digest"),
        ('digest = "09:00"\ncase = "product"', "digest"),
        ('digest = "09:00"\ndelay = "5s"', "digest"),
    ):
        assert f"routes[1].{key}" in problems(tmp_path, f"{GOOD}{wrong}\n"), wrong
    silent = GOOD.replace('["#sec-alert"]', "[]")
    assert "routes[1].ack_within" in problems(tmp_path, f'{silent}ack_within = "30m"\nthen = ["@ciso"]\n')


def test_a_feed_can_say_the_rest_in_a_digest(tmp_path: Path) -> None:
    feed = f'{GOOD}[[feeds]]\nname = "N"\nurl = "https://news.example/rss"\nchannel = "#security-news"\n'
    [one] = settings(tmp_path, f'{feed}show = "digest"\n').feeds
    assert (one.show, one.digest) == (Show.DIGEST, time(9))
    assert settings(tmp_path, f'{feed}show = "digest"\ndigest = "17:30"\n').feeds[0].digest == time(17, 30)
    for wrong in ('digest = "17:30"', 'show = "digest"\ndigest = "25:00"'):
        assert "feeds[1].digest" in problems(tmp_path, f"{feed}{wrong}\n"), wrong


def test_the_calendar_knows_countries_and_days(tmp_path: Path) -> None:
    text = f'{GOOD}[calendar]\ncountry = "de-by"\ndays_off = ["12-24", "2026-08-14"]\n'
    found = settings(tmp_path, text).calendar
    assert (found.country, found.days_off) == ("DE-BY", ("12-24", "2026-08-14"))
    said = problems(
        tmp_path, f'{GOOD}[calendar]\ncountry = "Atlantis"\ndays_off = ["12-32", "02-29", "soon"]\n'
    )
    assert "calendar.country" in said
    assert said.count("calendar.days_off") == 2
    assert settings(tmp_path, f'{GOOD}[calendar]\ncountry = ""\n').calendar.country == ""
    quiet = settings(tmp_path, f'{GOOD}[calendar]\nquiet = "20:00-8:00"\n').calendar
    assert calendar_of(quiet, ZoneInfo("UTC")).quiet == Quiet(begins=time(20), ends=time(8))
    for wrong in ("20:00", "20-08", "24:00-08:00", "08:00-08:00"):
        assert "calendar.quiet" in problems(tmp_path, f'{GOOD}[calendar]\nquiet = "{wrong}"\n'), wrong


def test_the_desk_speaks_of_cases_where_the_file_says_so(tmp_path: Path) -> None:
    assert settings(tmp_path, GOOD).cases.morning is None
    text = (
        f'{GOOD}[cases]\nmorning = "8:30"\nmorning_channel = "#sec-team"\nremind = 0\nanalysts = ["@ito"]\n'
    )
    found = settings(tmp_path, text).cases
    assert (found.morning, found.morning_channel, found.remind) == (time(8, 30), "#sec-team", 0)
    assert found.analysts == ("@ito",)
    assert settings(tmp_path, f'alerts = "#ops"\n{GOOD}[cases]\nmorning = "09:00"\n').cases.morning == time(9)
    assert "cases.morning" in problems(tmp_path, f'{GOOD}[cases]\nmorning = "09:00"\n')
    assert "cases.morning" in problems(tmp_path, f'{GOOD}[cases]\nmorning = "25:00"\n')


def test_without_cases_a_stamp_may_be_any_emoji(tmp_path: Path) -> None:
    assert settings(tmp_path, GOOD.replace(":rotating_light:", "zap")).routes[0].case is None


def test_a_wrong_secret_is_named_and_not_shown() -> None:
    with pytest.raises(PolicyError) as caught:
        read_secrets({"SLACK_BOT_TOKEN": "xapp-verysecret", "SLACK_APP_TOKEN_FILE": "/no/such"})
    said = str(caught.value)
    assert "SLACK_APP_TOKEN" in said
    assert "/no/such" in said
    assert "verysecret" not in said


def test_a_changed_file_is_read_once_and_a_wrong_one_is_said_once(tmp_path: Path) -> None:
    watch = SettingsWatch(settings(tmp_path, GOOD))
    path = tmp_path / "threatstamp.toml"
    assert watch.poll() is None

    def write(text: str) -> None:
        beside = tmp_path / "new"
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    write(GOOD + 'name = "x"\n')
    assert isinstance(watch.poll(), Settings)
    assert watch.poll() is None
    write(GOOD + "bad = 1\n")
    assert isinstance(watch.poll(), PolicyError)
    write(GOOD + "bad = 1\n")
    assert watch.poll() is None
    write(GOOD)
    assert isinstance(watch.poll(), Settings)


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:8"}, "http://p:8"),
        ("https://slack.com/api/", {"https_proxy": "http://p:8", "NO_PROXY": ".slack.com"}, None),
        ("https://slack.com/api/", {"HTTPS_PROXY": "http://p:8", "NO_PROXY": "notslack.com"}, "http://p:8"),
        ("http://127.0.0.1:80/", {"HTTP_PROXY": "http://p:8", "NO_PROXY": "127.0.0.0/8"}, None),
        ("https://a.example:444/", {"ALL_PROXY": "http://p:8", "NO_PROXY": "a.example:443"}, "http://p:8"),
        ("https://a.example/", {"ALL_PROXY": "http://p:8", "NO_PROXY": "*"}, None),
    ],
)
def test_the_proxy_and_its_exceptions_are_honoured(
    url: str, environ: dict[str, str], expected: str | None
) -> None:
    assert proxy_for(url, environ) == expected


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_routes_file_that_cannot_be_read_is_a_problem_of_its_line(tmp_path: Path, name: str) -> None:
    good = settings(tmp_path, GOOD)
    watch = SettingsWatch(good)
    watch.poll()
    text = f'language = "en"\nroutes_file = "{name}"\n[[sources]]\nchannel = "#security-news"\n'
    found = problems(tmp_path, text)
    assert found.startswith("threatstamp.toml:2: ")
    assert "cannot be read" in found
    assert isinstance(watch.poll() or watch.poll(), PolicyError)


@pytest.mark.parametrize(
    ("name", "near"), [("JST", "Asia/Tokyo"), ("PST", "America/Los_Angeles"), ("cest", "Europe/")]
)
def test_an_abbreviation_of_a_zone_is_answered_with_the_place_that_is_meant(
    tmp_path: Path, name: str, near: str
) -> None:
    assert f'did you mean "{near}' in problems(tmp_path, f'timezone = "{name}"{GOOD}')


@pytest.mark.parametrize(("key", "table"), [("api_url", "slack"), ("confirm", "slack"), ("backlog", "fetch")])
def test_a_key_of_a_table_at_the_top_is_reported_with_its_place(tmp_path: Path, key: str, table: str) -> None:
    assert f"belongs in [{table}]" in problems(tmp_path, f'{key} = "x"{GOOD}')


def test_a_mention_that_is_no_list_is_answered_with_an_example_of_mentions(tmp_path: Path) -> None:
    assert '["@ciso", "here"]' in problems(tmp_path, f'{GOOD}mention = "here"')


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("127.0.0.1:3000", ("127.0.0.1", 3000)),
        ("3000", ("127.0.0.1", 3000)),
        (":3000", ("127.0.0.1", 3000)),
        ("localhost:1", ("127.0.0.1", 1)),
        ("0.0.0.0:65535", ("0.0.0.0", 65535)),
        ("[::1]:3000", ("::1", 3000)),
        ("desk.example:3000", None),
        ("127.0.0.1", None),
        ("127.0.0.1:65536", None),
        ("127.0.0.1:-1", None),
        ("http://127.0.0.1:3000", None),
        ("", None),
    ],
)
def test_where_to_listen_is_on_this_machine_unless_an_address_is_said(
    said: str, place: tuple[str, int] | None
) -> None:
    assert listen_place(said) == place


def test_how_long_texts_are_kept_is_said_for_each_source_and_not_less_than_a_week(tmp_path: Path) -> None:
    kept = GOOD.replace('news"\n', 'news"\nkeep = "{}"\n')
    assert settings(tmp_path, GOOD).keep == {}
    assert settings(tmp_path, kept.format("7d")).keep == {"#security-news": 7 * 86_400.0}
    assert 'threatstamp.toml:5: sources[1].keep must be at least seven days, like "365d"' in problems(
        tmp_path, kept.format("6d23h")
    )
    assert "is not a length of time" in problems(tmp_path, kept.format("1y"))


@pytest.mark.parametrize(
    ("said", "listen"),
    [
        ("", None),
        ('mode = "http"\nmetrics = true', "127.0.0.1:3000"),
        ('mode = "http"\nlisten = "[::1]:80"', "[::1]:80"),
    ],
)
def test_events_over_http_come_to_this_machine_unless_an_address_is_said(
    tmp_path: Path, said: str, listen: str | None
) -> None:
    path = tmp_path / "threatstamp.toml"
    path.write_text(f"{GOOD}\n[slack]\n{said}\n", encoding="utf-8")
    assert read_settings(path, {}).slack.listen == listen


def test_each_way_of_events_needs_its_own_secret() -> None:
    assert needed_secrets("socket") == ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
    assert needed_secrets("http") == ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
    assert needed_secrets("none") == ("SLACK_BOT_TOKEN",)
