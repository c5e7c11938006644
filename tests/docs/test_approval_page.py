"""`docs/approval.md` tells an admin what the app may do: its scopes and its terms are those of the code."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import PROJECT, rows_of
from threatstamp.app.desk import FAILED_KEPT, LOOKS_KEPT
from threatstamp.app.manifest import app_manifest
from threatstamp.app.scopes import SCOPES, reason
from threatstamp.core.time import DAY
from threatstamp.desk.views.running import HTTP
from threatstamp.texts.catalogue import Language, Texts

PAGES = {
    Language.EN: (PROJECT / "docs" / "approval.md", "scope", "what"),
    Language.JA: (PROJECT / "docs" / "approval.ja.md", "スコープ", "残すもの"),
}


@pytest.mark.parametrize("language", Language)
def test_every_scope_has_its_reason_on_the_page_and_no_other_is_there(language: Language) -> None:
    page, heading, _ = PAGES[language]
    texts = Texts(language)
    assert rows_of(page, heading) == [(f"`{scope}`", reason(scope, texts)) for scope in SCOPES]


@pytest.mark.parametrize("language", Language)
def test_what_is_deleted_by_itself_has_the_days_of_the_code(language: Language) -> None:
    page, _, heading = PAGES[language]
    terms = [term for _, term in rows_of(page, heading)]
    days = [int(found) for term in terms for found in re.findall(r"(\d+)(?: days|日)", term)]
    assert days == [FAILED_KEPT // DAY, LOOKS_KEPT // DAY]


def test_the_app_has_no_user_token_and_no_address_that_slack_reaches() -> None:
    """The page promises it: an address only where the team has chosen HTTP."""
    manifest = str(app_manifest(SCOPES, Texts(Language.EN), buttons=True))
    over_http = str(app_manifest(SCOPES, Texts(Language.EN), buttons=True, mode=HTTP))
    assert "request_url" not in manifest
    assert "request_url" in over_http
    for one in (manifest, over_http):
        assert "'user'" not in one
        assert "redirect_urls" not in one


def test_both_pages_say_the_same_in_as_many_parts() -> None:
    headings = [
        re.findall(r"^#+ ", page.read_text(encoding="utf-8"), re.MULTILINE) for page, *_ in PAGES.values()
    ]
    tables = [[len(rows_of(page, head)) for head in heads] for page, *heads in PAGES.values()]
    assert headings[0] == headings[1]
    assert tables[0] == tables[1]
