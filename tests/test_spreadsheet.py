"""The way from a stamp to a row of the team's spreadsheet, by a real desk, real tokens and a server like Google."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.googlesheets import SPREADSHEET, fake_google, service_account
from tests.support.town import ALERT, NEWS, OPS, YAMADA, open_town

pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")


SHEETS = f"""
[sheets]
id = "https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=0"
record = "record"
credentials = "service-account.json"
api_url = "{{url}}"
"""


def test_a_stamp_becomes_a_row_and_slack_waits_for_nothing_while_google_does_not_answer(
    tmp_path: Path,
) -> None:
    with fake_google() as google, open_town(tmp_path) as town:
        service_account(google, tmp_path)
        google.tokens.clear()
        sheets = SHEETS.format(url=google.url)
        town.settle(sources=sheets)
        run = town.start()
        google.lock.acquire()  # from now on it takes calls and answers none
        town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
        town.wait_for_message(ALERT, "製品X")
        town.wait_until_quiet()
        run.spreadsheet.request()
        second = town.post("製品Y", "https://news.example/2")
        town.workspace.react(YAMADA, NEWS, second, "rotating_light")
        town.wait_for_message(ALERT, "製品Y", count=2)
        google.lock.release()
        town.wait_until_quiet()
        run.spreadsheet.request()
        assert wait(lambda: len(google.tabs["record"]) == 3, HANG)
        assert google.column("destination") == ["#sec-alert"] * 2
        assert google.column("status") == ["転送済み"] * 2
        assert google.column("who") == [YAMADA] * 2
        assert all(url.startswith("http") for url in google.column("url"))


def test_routes_of_a_tab_are_in_force_within_one_process_and_in_the_next_one_while_google_is_away(
    tmp_path: Path,
) -> None:
    with fake_google() as google, open_town(tmp_path) as town:
        service_account(google, tmp_path)
        google.tabs["routes"] = [["reaction", "to"], [":fire:", "#sec-alert"]]
        sheets = SHEETS.format(url=google.url).replace("record =", "routes = 'routes'\nrecord =")
        town.settle("", sources=sheets)
        run = town.start()
        assert wait(lambda: [route.reaction for route in run.desk.settings.routes] == ["fire"], HANG)
        assert wait(lambda: run.desk.tools.policy.routes, HANG)
        town.wait_for_sweep(run)  # what is there when a route is new is on record, and not forwarded
        town.workspace.react(YAMADA, NEWS, town.post(), "fire")
        town.wait_for_message(ALERT, "製品X")
        town.wait_until_quiet()
        town.stop()
        google.faults.extend([503] * 99)
        town.start()
        town.workspace.react(YAMADA, NEWS, town.post("製品Y", "https://news.example/2"), "fire")
        town.wait_for_message(ALERT, "製品Y", count=2)


@pytest.mark.thorough
def test_another_tab_takes_effect_once_it_is_read_and_until_then_the_old_routes_stay(tmp_path: Path) -> None:
    with fake_google() as google, open_town(tmp_path) as town:
        service_account(google, tmp_path)
        google.tabs["routes"] = [["reaction", "to"], [":fire:", "#sec-alert"]]
        google.tabs["new"] = [["reaction", "to"], [":wrench:", "#sec-alert"]]
        sheets = SHEETS.format(url=google.url).replace("record =", "routes = 'routes'\nrecord =")
        town.settle("", sources=sheets)
        run = town.start()
        assert wait(lambda: run.desk.tools.policy.routes, HANG)
        google.faults.extend([503] * 99)
        town.settle("", sources=sheets.replace("'routes'", "'new'"))
        assert wait(lambda: run.desk.settings.sheets and run.desk.settings.sheets.routes == "new", HANG)
        assert [route.reaction for route in run.desk.settings.routes] == ["fire"]


@pytest.mark.thorough
def test_a_source_that_is_renamed_in_the_file_and_in_the_tab_takes_effect_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threatstamp.app.spreadsheet.READ_EVERY", 0.0)
    monkeypatch.setattr("threatstamp.app.following.REBIND", 0.0)
    with fake_google() as google, open_town(tmp_path) as town:
        service_account(google, tmp_path)
        google.tabs["routes"] = [["reaction", "to", "from"], [":fire:", "#sec-alert", "#security-news"]]
        sheets = SHEETS.format(url=google.url).replace("record =", "routes = 'routes'\nrecord =")
        path = town.settle("", sources=sheets)
        run = town.start()
        assert wait(lambda: run.desk.tools.policy.routes, HANG)
        path.write_text(path.read_text().replace("#security-news", "#staff"), encoding="utf-8")
        town.wait_for_message(OPS, "#security-news")  # the file alone does not fit the tab: that is said
        assert run.desk.settings.routes[0].sources == run.desk.settings.sources == ("#security-news",)
        google.tabs["routes"][1][2] = "#staff"

        def is_in_force() -> bool:
            run.spreadsheet.request()
            return run.desk.settings.sources == ("#staff",)

        assert wait(is_in_force, 30)
        assert run.desk.settings.routes[0].sources == ("#staff",)
