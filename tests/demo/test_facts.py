"""The demo's invented facts are about what its feeds post, and are consistent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.fakes import FakeClock
from threatstamp.core.facts.assessment import Assessment
from threatstamp.core.facts.cve import cves_in
from threatstamp.demo.facts import catalogue, load_invented_facts
from threatstamp.demo.world import World
from threatstamp.facts.kev import open_kev
from threatstamp.facts.scoring import base_score
from threatstamp.store.facts import FactLookup
from threatstamp.texts.catalogue import Language


@pytest.mark.parametrize("language", Language)
def test_every_cve_of_the_demo_has_its_line(tmp_path: Path, language: Language) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    load_invented_facts(database, FakeClock(), today=date(2099, 11, 26))
    world = World(language)
    titles = [one.title for publisher in world.publishers for one in publisher.items]
    cves = cves_in(" ".join([*titles, *(one.title for one in world.later)]))
    found = FactLookup(database).find(cves)
    assert [one.cve for one in found] == list(cves) != []
    assert sum(one.kev is not None for one in found) == sum(one.is_unscored for one in found) == 1
    for one in found:
        for score in one.scores:
            assert base_score(score.vector) == score.score


@pytest.mark.parametrize("language", Language)
def test_what_is_listed_later_is_a_catalogue_with_all_that_was_listed_before(
    tmp_path: Path, language: Language
) -> None:
    [listing] = [one for one in World(language).later if one.listed]
    path = tmp_path / "kev.json"
    path.write_text(catalogue(listing, today=date(2099, 11, 26)), encoding="utf-8")
    document = open_kev(path)
    assert document.edition == "2099-11-26T00:00:00Z"
    said = [one.cve for one in document.records(0) if isinstance(one, Assessment)]
    assert said == ["CVE-2099-10001", listing.listed]
