"""Tracks of one's own: what the file says of them, what is wrong with them, and how sheets name them."""

from __future__ import annotations

from pathlib import Path

from tests.config.test_settings import GOOD, problems, settings
from tests.config.test_sheet import write
from threatstamp.config.tracks import TrackSettings
from threatstamp.core.priority.table import Wording
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.route import Track

FACTORY = """
[[tracks]]
name = "factory"
label = { ja = "工場", en = "Factory" }
like = "investigate"
lead = ["@lead"]
due = { critical = 3 }
checklist = ["Call the plant", { ja = "線を止める", en = "Stop the line" }]
channel = "#factory-dev"
"""
OTHER = """
[[tracks]]
name = "product"
checklist = "steps.toml"
"""


def track(found: tuple[TrackSettings, ...], name: str) -> TrackSettings:
    return next(one for one in found if one.plan.name == name)


def test_a_track_starts_from_a_built_in_one_and_a_built_in_one_can_be_changed(tmp_path: Path) -> None:
    steps = 'steps = [{ text = "First", hours = 2 }, { text = "Then" }]\n'
    (tmp_path / "steps.toml").write_text(steps, encoding="utf-8")
    found = settings(tmp_path, GOOD + 'case = "Factory"\n' + FACTORY + OTHER)
    assert found.routes[0].case == "factory"
    factory, product = (track(found.cases.tracks, name) for name in ("factory", "product"))
    assert factory.plan.kind is Track.INVESTIGATE
    assert factory.plan.label == Wording(ja="工場", en="Factory")
    assert factory.plan.due == {Priority.CRITICAL: 3}
    assert [one.text.en for one in factory.plan.checklist] == ["Call the plant", "Stop the line"]
    assert (factory.lead, factory.channel) == (("@lead",), "#factory-dev")
    assert [(one.text.ja, one.hours) for one in product.plan.checklist] == [("First", 2), ("Then", 0)]
    assert tmp_path / "steps.toml" in found.watched
    usual = track(found.cases.tracks, "investigate").plan.checklist
    assert [one.hours for one in usual] == [2, 24, 72]


def test_what_is_wrong_with_a_track_is_said_with_its_line(tmp_path: Path) -> None:
    said = problems(tmp_path, f'{GOOD}case = "factry"\n{FACTORY}')
    assert "factory" in said
    lines = problems(
        tmp_path, GOOD + FACTORY + 'colour = "red"\n' + FACTORY.replace('"factory"', '"x\\ny"')
    ).split("\n")
    assert len(lines) == 2
    assert all(line.startswith("threatstamp.toml:") for line in lines)
    assert "nowhere.toml" in problems(tmp_path, GOOD + OTHER.replace("steps", "nowhere"))


def test_a_sheet_names_a_track_by_its_name_or_label(tmp_path: Path) -> None:
    sheet = "リアクション,転送先,対応区分\n:eyes:,#a,工場\n:wrench:,#b,product\n:tada:,#c,調査\n:bell:,#d,\n"
    found = settings(tmp_path, write(tmp_path, sheet) + FACTORY)
    assert [one.case for one in found.routes] == ["factory", "product", "investigate", None]
    [one] = problems(tmp_path, write(tmp_path, sheet.replace("調査", "製造")) + FACTORY).splitlines()
    assert one.startswith("routes.csv:4: ")
