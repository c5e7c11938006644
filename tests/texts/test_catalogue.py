"""Both languages say the same things, and nothing is missing in one."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.ids import Emoji
from threatstamp.texts.catalogue import Language, Texts, room_messages, rooms
from threatstamp.texts.emoji import canonical, is_standard, nearest
from threatstamp.texts.fit import fit
from threatstamp.texts.times import say_time

JA, EN = Language.JA, Language.EN


def forms(message: str | dict[str, str]) -> list[str]:
    return [message] if isinstance(message, str) else list(message.values())


def fields(message: str | dict[str, str]) -> set[str]:
    return {name for form in forms(message) for _, name, _, _ in string.Formatter().parse(form) if name}


@pytest.mark.parametrize("room", rooms(JA))
def test_both_languages_have_the_same_sentences_with_the_same_values(room: str) -> None:
    ja, en = room_messages(JA, room), room_messages(EN, room)
    assert ja.keys() == en.keys()
    for key in ja:
        assert fields(ja[key]) | {"count"} >= fields(en[key])
        assert fields(en[key]) | {"count"} >= fields(ja[key]), key
        assert all(form.strip() for form in (*forms(ja[key]), *forms(en[key])))


def test_the_languages_have_the_same_rooms() -> None:
    assert rooms(JA) == rooms(EN)


@pytest.mark.parametrize("room", rooms(JA))
def test_japanese_has_no_half_width_katakana_and_no_foreign_dashes(room: str) -> None:
    for message in room_messages(JA, room).values():
        for form in forms(message):
            assert not re.search(r"[ｦ-ﾟ—·]", form), form


def test_a_placeholder_reaches_no_attribute() -> None:
    with pytest.raises(KeyError):
        Texts(EN)("slack.shared", route="x")


def test_times_are_said_as_people_say_them() -> None:
    at = datetime(2026, 10, 7, 2, 2, tzinfo=UTC)
    assert say_time(at, ZoneInfo("Asia/Tokyo"), JA) == "10/7(水) 11:02"
    assert say_time(at, ZoneInfo("Asia/Tokyo"), EN) == "Wed 7 Oct 11:02"


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("短い", 10, "短い"),
        ("脆弱性を修正しました", 5, "脆弱性を…"),
        ("version 1.29.9 fixes it", 12, "version…"),
        ("「終わり」です", 6, "「終わり」…"),
        ("👩‍💻👩‍💻", 4, "👩‍💻…"),
    ],
)
def test_text_is_shortened_between_words(text: str, length: int, expected: str) -> None:
    assert fit(text, length) == expected


@given(st.text(), st.integers(1, 60))
def test_what_is_shortened_fits(text: str, length: int) -> None:
    assert len(fit(text, length)) <= length


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("thumbsup", "+1"),
        (":+1::skin-tone-5:", "+1"),
        ("siren", "rotating_light"),
        ("alarm", "rotating_light"),
        ("loop", "loop"),
        ("社内スタンプ", "社内スタンプ"),
        ("Rotating_Light", "rotating_light"),
    ],
)
def test_an_emoji_has_one_name(name: str, expected: str) -> None:
    custom = {
        "siren": "alias:alarm",
        "alarm": "alias:rotating_light",
        "loop": "alias:pool",
        "pool": "alias:loop",
    }
    found = canonical(name, custom)
    assert found == Emoji(expected) or (name == "loop" and found in ("loop", "pool"))


def test_emoji_are_known_by_name_and_sign() -> None:
    assert is_standard("rotating_light")
    assert not is_standard("no_such_thing")
    assert nearest("rotating_ligth", []) == "rotating_light"


@pytest.mark.parametrize(
    ("routes", "words"), [(1, "1 route, 1 source channel,"), (2, "2 routes, 1 source channel,")]
)
def test_english_counts_each_thing_by_itself(routes: int, words: str) -> None:
    assert Texts(EN)("cli.line_policy", routes=routes, sources=1, feeds=0).startswith(words)


def test_bytes_are_said_as_megabytes() -> None:
    assert "2.5 MB" in Texts(EN)("feeds.answer_too_large", most=2_500_000)
    assert "10MB" in Texts(JA)("feeds.answer_too_large", most="10000000")


@pytest.mark.parametrize("room", rooms(JA))
def test_japanese_counts_without_a_gap(room: str) -> None:
    for message in room_messages(JA, room).values():
        for form in forms(message):
            assert not re.search(
                r"\} (件|本|名|フィード)(?![ぁ-ん一-龥]* \{)|エントリー|先頭ハッシュ", form
            ), form


@pytest.mark.parametrize("room", rooms(EN))
def test_english_fixes_checks_and_displays(room: str) -> None:
    """Words that a reader stumbled over: mend for fix, asked for checked, stands for is, wants for needs."""
    for message in room_messages(EN, room).values():
        for form in forms(message):
            said = re.sub(r"\{\w+\}", "", form)  # names of values are not said
            assert not re.search(r"\b(mend\w*|asked|stands?|wants?|belongs into)\b", said, re.IGNORECASE), (
                form
            )


def test_a_sentence_has_a_form_for_none_where_zero_sounds_odd() -> None:
    assert Texts(EN)("cli.swept_turns", count=0) == "no new stamps"
    assert Texts(EN)("cli.swept_turns", count=1) == "1 new stamp or withdrawal"
    assert Texts(JA)("cli.swept_turns", count=2) == "新しいスタンプと取り消し2件"
