"""Names of groups and malware are found in any spelling; everyday words only beside what makes them a name."""

from __future__ import annotations

import json

import pytest

from tests.feeds.support import SHARED
from threatstamp.config.actors import galaxy_names, known_names
from threatstamp.core.facts.actors import NameBook, NamedThreat, NameType

BOOK = NameBook(known_names())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ラザルスの攻撃", ["Lazarus Group"]),
        ("「LockBit」の亜種とロックビット3.0", ["LockBit"]),
        ("ALPHVとBlack Basta", ["BlackCat", "Black Basta"]),
        ("ＥＭＯＴＥＴが再開", ["Emotet"]),
        ("Fancy Bear deploys a loader", ["APT28"]),
        ("ソルト・タイフーン", ["Salt Typhoon"]),
        ("APT10の関連グループ、APT1000", ["APT10"]),
        ("MedusaLocker", ["MedusaLocker"]),
        # everyday words
        ("Play ransomware operators", ["Play"]),
        ("ランサムウェアグループ「Play」", ["Play"]),
        ("the ransomware gang Royal", ["Royal"]),
        ("Cubaランサムウェアの活動", ["Cuba"]),
        ("Akiraを名乗る集団", ["Akira"]),
        ("Employees play ransomware games", []),
        ("Google Playの不正アプリ、Play ストア", []),
        ("Royal Mail hit by a ransomware attack", []),
        ("Cuba restores internet access", []),
        ("アキラさんの講演、プレイガイドに不正アクセス", []),
        ("麒麟とキリンビールの広告", []),
        ("ゲームをプレイする集団", []),
        ("The clop of horses, a hive of activity", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_name_is_found_in_any_spelling(text: str, expected: list[str]) -> None:
    assert [one.name for one in BOOK.names_in(text)] == expected


def test_each_says_what_it_is_and_by_which_spelling_it_was_found() -> None:
    (found,) = BOOK.names_in("コージーベアの手口")
    assert (found.name, found.type, found.why) == ("APT29", NameType.ACTOR, "コージーベア")


def test_of_one_spelling_the_first_bearer_counts() -> None:
    book = NameBook(
        [
            NamedThreat(name="Acid", type=NameType.ACTOR, synonyms=("AcidPour",)),
            NamedThreat(name="AcidPour", type=NameType.MALWARE),
        ]
    )
    assert [one.name for one in book.names_in("AcidPour was seen")] == ["Acid"]


def test_a_galaxy_brings_names_and_synonyms() -> None:
    cluster = {
        "type": "threat-actor",
        "values": [
            {"value": "PAPER TIGER", "meta": {"synonyms": ["G9999", "Kami no Tora", 7]}},
            {"value": "Origami"},
            {"value": ""},
            "no value",
        ],
    }
    book = NameBook(galaxy_names(json.dumps(cluster)))
    found = book.names_in("Kami no Tora strikes, the Origami group too; origami is an art, and so is Origami")
    assert [(one.name, one.type.value) for one in found] == [("PAPER TIGER", "actor"), ("Origami", "actor")]
    assert book.names_in("An exhibition of Origami") == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"values": 1}'])
def test_what_is_no_galaxy_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        galaxy_names(text)


def test_the_built_in_list_has_no_spelling_twice_and_no_forgotten_common_word() -> None:
    spelled = [said for known in known_names() for said in (known.name, *known.synonyms)]
    assert len(known_names()) >= 40
    assert sorted(spelled) == sorted(set(spelled))
    assert all(known_names()[0].common)


@pytest.mark.parametrize(("name", "count"), [("ransomware", 2135), ("threat-actor", 1041)])
def test_the_captured_galaxies_are_read_whole_and_take_no_everyday_word(name: str, count: int) -> None:
    path = SHARED / f"galaxy/{name}.json"
    if not path.is_file():
        pytest.skip(f"the captured list is not here (../shared/data/galaxy/{name}.json)")
    names = galaxy_names(path.read_text(encoding="utf-8"))
    assert len(names) == count
    book = NameBook([*known_names(), *names])
    assert book.names_in("First, the magic of sport: Iron Man plays a Demo in the dark, no more.") == ()
    assert [one.name for one in book.names_in("Comment Crew and Fancy Bear")][-1] == "APT28"
