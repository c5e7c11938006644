"""An error code is said in words, with the code, which somebody may want to look up."""

from __future__ import annotations

import pytest

from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.codes import say_code

EN = Texts(Language.EN)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("is_archived", "the channel is archived, is_archived"),
        ("http_503", "Slack's server answers with an error, http_503"),
        ("some_new_code", "Slack answers some_new_code"),
        ("other", "Slack answers other"),
        ("said", "Slack answers said"),
        ("", "Slack answers "),
    ],
)
def test_a_code_is_said_in_words_and_one_without_words_as_it_is(code: str, said: str) -> None:
    assert say_code(EN, code) == said


def test_what_the_desk_itself_refuses_is_not_said_to_be_slacks_answer() -> None:
    assert "external = true" in say_code(EN, "destination_is_shared")
    assert "Slack answers" not in say_code(EN, "destination_is_shared")
