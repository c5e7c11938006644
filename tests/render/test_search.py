"""What was found is counted for people and for programs, also where it is not counted to the end."""

from __future__ import annotations

import pytest

from threatstamp.desk.views.search import SearchAnswer
from threatstamp.render.search import search_body, search_lines
from threatstamp.texts.catalogue import Language, Texts


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("is_least", "said"), [(False, "1000"), (True, "1000+")])
def test_a_total_that_is_not_the_end_says_so(language: Language, is_least: bool, said: str) -> None:
    answer = SearchAnswer(total=1_000, found=(), page=200, has_more=False, is_least=is_least)
    [line] = search_lines(answer, Texts(language), say=str)
    assert (said in line, "1000+" in line) == (True, is_least)
    body = search_body(answer)
    assert (body["total"], body["total_is_least"]) == (1_000, is_least)
