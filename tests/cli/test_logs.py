"""The log as text and as JSON: times in the desk's zone, ids as fields, no secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from tests.support.bodies import BODIES
from threatstamp.app.journal import Journal
from threatstamp.cli.logs import start_logging
from threatstamp.core.ledger.kinds import Kind
from threatstamp.texts.catalogue import Language, Texts

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("threatstamp")
    before = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:], root.level, ours.level = before


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("THREATSTAMP_LOG_FORMAT", "json")
    start_logging(TOKYO)


def test_a_line_of_text_has_its_time_in_the_desks_zone_with_the_offset(
    capsys: pytest.CaptureFixture[str],
) -> None:
    start_logging(TOKYO)
    logging.getLogger("threatstamp.app").info("十分です")
    [line] = capsys.readouterr().err.splitlines()
    assert line[10] == " "
    assert line[23:] == "+09:00 INFO threatstamp.app: 十分です"


def test_a_line_of_json_says_what_happened_with_its_ids(
    as_json: None, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(Texts(Language.JA))
    body = BODIES[Kind.FORWARD][0]
    journal([(Kind.FORWARD.value, body), ("put_off", {"departure": body["departure"], "error": "timeout"})])
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["what"], first["level"], first["at"][-6:]) == ("forward", "INFO", "+09:00")
    assert {name: first[name] for name in ("channel", "ts", "route", "destination", "user")} == {
        name: body[name] for name in ("channel", "ts", "route", "destination", "user")
    }
    assert (second["what"], second["departure"], second["error"]) == (
        "put_off",
        first["departure"],
        "timeout",
    )
    assert second["level"] == "WARNING"
    assert not {"text", "mention"} & first.keys()


def test_json_hides_secrets_and_keeps_a_traceback_in_its_line(
    as_json: None, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger("threatstamp.app")
    log.warning(
        "xoxb-PLANTED-0123456789", extra={"happened": {"what": "x", "feed": "xoxb-PLANTED-0123456789"}}
    )
    try:
        raise RuntimeError("xoxb-PLANTED-0123456789")
    except RuntimeError:
        log.exception("two\nlines")
    said = capsys.readouterr().err
    assert "PLANTED" not in said
    _, second = map(json.loads, said.splitlines())
    assert second["message"] == "two\nlines"
    assert second["traceback"].startswith("Traceback")
