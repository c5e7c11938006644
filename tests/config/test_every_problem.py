"""All that can be wrong with the file, its sheet and its secrets is said in both languages, each with its values."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from threatstamp.app.monitoring import listen_problem
from threatstamp.cli import cli
from threatstamp.config.proxies import ca_context
from threatstamp.config.secrets import read_secrets, reason_of
from threatstamp.config.settings import read_settings
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language, Texts, room_messages

SOURCE = '[[sources]]\nchannel = "#security-news"\n'
ROUTE = '[[routes]]\nreaction = "eyes"\nto = ["#sec-alert"]\n'
FEED = '[[feeds]]\nname = "news"\nchannel = "#security-news"\n'
SHEETS = '[sheets]\nid = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg"\n'
HEADING = "reaction,to,mention,text\n"


@dataclass(frozen=True)
class Wrong:
    """A settings file in which something is wrong. top: its beginning; rest: what follows a source and a route."""

    top: str = ""
    rest: str = ""
    route: str = ROUTE
    sheet: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    def problems(self, folder: Path, language: Language) -> str:
        file = folder / "threatstamp.toml"
        text = f'language = "{language}"\n{self.top}\n{SOURCE}{self.route}{self.rest}'
        file.write_text(text, encoding="utf-8")
        (folder / "routes.csv").write_text(self.sheet, encoding="utf-8")
        with pytest.raises(PolicyError) as caught:
            read_settings(file, self.environ)
        return "\n".join(caught.value.problems)


def in_a_sheet(text: str) -> Wrong:
    return Wrong(top='routes_file = "routes.csv"', route="", sheet=text)


WORD = '[[words]]\nword = "社内用語"\nkind = "incident"\nweight = 5\n'
TRACK = '[[tracks]]\nname = "factory"\n'

TRACKER = '[[trackers]]\nname = "dev"\nkind = "{kind}"\n'

FILES = {
    "viewers_alone": Wrong(rest='[cases]\nviewers = ["@audit"]\n'),
    "listed_twice": Wrong(rest='[facts]\nscores = ["nvd", "cna", "nvd"]\n'),
    "word_twice": Wrong(rest=WORD + WORD),
    "word_short": Wrong(rest=WORD.replace("社内用語", "機密 + の")),
    "word_of": Wrong(rest=WORD + 'layer = "strategic"\n'),
    "word_weight": Wrong(rest=WORD.replace("5", "21")),
    "names_none": Wrong(top='names_files = ["routes.csv"]', sheet='{"values": [{"meta": {}}]}'),
    "names_json": Wrong(top='names_files = ["routes.csv"]', sheet='{"values": [\n{"value": "Evil'),
    "names_foreign": Wrong(top='names_files = ["routes.csv"]', sheet='["APT29"]'),
    "priority_without_case": Wrong(route=ROUTE + 'priority = "high"\n'),
    "track_like": Wrong(rest='[[tracks]]\nname = "product"\nlike = "investigate"\n'),
    "track_label": Wrong(rest=TRACK + 'label = { ja = "工場" }\n'),
    "track_due": Wrong(rest=TRACK + "due = { urgent = 3 }\n"),
    "track_checklist": Wrong(rest=TRACK + 'checklist = ["look", 3]\n'),
    "track_ticket": Wrong(rest=TRACK + 'ticket = "dev"\n'),
    "tracker_key": Wrong(rest=TRACKER.format(kind="webhook") + 'url = "https://a.example"\ntype = "Task"\n'),
    "tracker_repository": Wrong(rest=TRACKER.format(kind="github") + 'project = "product"\n'),
    "tracker_project": Wrong(rest=TRACKER.format(kind="backlog") + 'project = "my project"\n'),
    "tracker_variable": Wrong(rest=TRACKER.format(kind="github") + 'secret_env = "ghp_0123abcd"\n'),
    "track_steps": Wrong(rest=TRACK + 'checklist = "routes.csv"\n', sheet="steps = []\n"),
    "track_step": Wrong(rest=TRACK + 'checklist = "routes.csv"\n', sheet='[[steps]]\nhours = "2"\n'),
    "more": Wrong(top="\n".join(f'x{number} = ""' for number in range(500))),
    "too_deep": Wrong(top="deep = " + "[" * 5_000 + "]" * 5_000),
    "too_big": Wrong(top="big = " + "1" * 5_000),
    "belongs_top": Wrong(rest='timezone = "Asia/Tokyo"\n'),
    "type_table": Wrong(top='slack = "socket"'),
    "type_tables": Wrong(route='[routes]\nreaction = "eyes"\n'),
    "type_duration": Wrong(rest="[slack]\npace = 1\n"),
    "empty": Wrong(top='alerts = ""'),
    "empty_item": Wrong(rest='mention = ["here", " "]\n'),
    "nobody_told": Wrong(route='[[routes]]\nreaction = "eyes"\nto = []\nmention = ["here"]\n'),
    "too_long": Wrong(rest=f'text = "{"x" * 4_000}"\n'),
    "one_line": Wrong(rest='name = "two\\nlines"\n'),
    "twice": Wrong(rest=SOURCE),
    "route_twice": Wrong(rest='name = "ciso"\n' + ROUTE + 'name = "ciso"\n'),
    "from_no_source": Wrong(rest='from = ["#securty-news"]\n'),
    "two_routes": Wrong(top='routes_file = "routes.csv"'),
    "network": Wrong(rest='[fetch]\nallow_private = ["10.0.0.0/64"]\n'),
    "two_urls": Wrong(rest=FEED + 'url = "https://news.example/feed"\nurl_env = "FEED_URL"\n'),
    "variable": Wrong(rest=FEED + 'url_env = "https://news.example/feed"\n'),
    "url_env": Wrong(
        rest=FEED + 'url_env = "FEED_URL"\n',
        environ={"FEED_URL": "https://news.example/", "FEED_URL_FILE": "/run/secrets/feed_url"},
    ),
    "no_variable": Wrong(rest=FEED + 'url_env = "FEED_URL"\n'),
    "feed_address_env": Wrong(
        rest=FEED + 'url_env = "FEED_URL"\n', environ={"FEED_URL": "ftp://news.example/"}
    ),
    "spreadsheet": Wrong(rest='[sheets]\nid = "record of the desk"\n'),
    "tab": Wrong(rest=SHEETS + f'record = "{"r" * 200}"\n'),
    "tabs_twice": Wrong(rest=SHEETS + 'record = "desk"\ncounts = "desk"\n'),
    "missing": in_a_sheet(HEADING + ",#sec-alert,,\n"),
    "row": in_a_sheet(HEADING + ",#sec-alert,,\n"),
    "sheet_twice": in_a_sheet("reaction,to,mention,text,リアクション\n:eyes:,#a,,,\n"),
    "sheet_cells": in_a_sheet(HEADING + ":eyes:,#sec-alert,,words, and more words\n"),
}
BOT = "SLACK_BOT_TOKEN"
SECRETS: dict[str, dict[str, str]] = {
    "secret_form": {BOT: "xoxb-1 2"},
    "secret_kind": {BOT: "1234"},
    "secret_is_bot": {"SLACK_APP_TOKEN": "xoxb-1"},
    "secret_is_user": {BOT: "xoxp-1"},
    "secret_is_rotating": {BOT: "xoxe.xoxb-1"},
    "secret_is_rotating_user": {BOT: "xoxe.xoxp-1"},
    "secret_is_refresh": {BOT: "xoxe-1"},
    "secret_twice": {BOT: "xoxb-1", f"{BOT}_FILE": "token"},
    "secret_empty": {f"{BOT}_FILE": "empty"},
    "not_text": {f"{BOT}_FILE": "bytes"},
}


def sentence(name: str, language: Language) -> str:
    """Returns a pattern for a sentence of the file with any values."""
    message = room_messages(language, "config")[name]
    words = message if isinstance(message, str) else message["other"]
    return re.sub(r"\\\{\w+\\\}", "(?s:.+?)", re.escape(words))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", FILES)
def test_a_wrong_file_is_explained(name: str, language: Language, tmp_path: Path) -> None:
    problems = FILES[name].problems(tmp_path, language)
    assert re.search(sentence(name, language), problems), problems


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_cannot_be_one_is_explained_and_not_shown(
    name: str, language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").touch()
    Path("bytes").write_bytes(b"xoxb-\xff\xfe")
    with pytest.raises(PolicyError) as caught:
        read_secrets(SECRETS[name], language)
    problems = "\n".join(caught.value.problems)
    assert re.search(sentence(name, language), problems), problems
    assert not any(token in problems for token in SECRETS[name].values() if token.startswith("xox"))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    ("number", "name"),
    [
        (errno.EADDRINUSE, "listen_taken"),
        (errno.EACCES, "listen_denied"),
        (errno.EADDRNOTAVAIL, "listen_elsewhere"),
        (errno.EMFILE, "listen_failed"),
    ],
)
def test_a_port_that_cannot_be_had_is_explained(number: int, name: str, language: Language) -> None:
    said = listen_problem(OSError(number, os.strerror(number)), "127.0.0.1:80", Texts(language))
    assert re.fullmatch(sentence(name, language), said)
    assert '"127.0.0.1:80"' in said


@pytest.mark.parametrize("language", list(Language))
def test_a_file_that_may_not_be_read_and_certificates_that_are_none_are_explained(
    language: Language, tmp_path: Path
) -> None:
    assert (
        reason_of(PermissionError(), Texts(language))
        == room_messages(language, "config")["reason_permission"]
    )
    file = tmp_path / "ca.pem"
    file.write_text("no certificate", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        ca_context({"SSL_CERT_FILE": str(file), "LANG": f"{language}_XX.UTF-8"})
    assert re.search(sentence("certificates", language), caught.value.problems[0])


@pytest.mark.parametrize("language", list(Language))
def test_an_address_that_is_not_of_this_machine_is_explained(language: Language) -> None:
    words = ["sandbox", "--language", language.value, "--request-url", "https://desk.example/slack/events"]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code
    assert re.search(sentence("local_address", language), str(done.exception))
