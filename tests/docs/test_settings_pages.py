"""docs/settings.md and docs/settings.ja.md are what the definitions of the settings say."""

from __future__ import annotations

import pytest

from tests.docs.pages import PROJECT
from threatstamp.render.settings import settings_page
from threatstamp.texts.catalogue import Language, Texts

PAGES = {Language.EN: "settings.md", Language.JA: "settings.ja.md"}


@pytest.mark.parametrize("language", Language)
def test_the_page_of_settings_is_up_to_date(language: Language) -> None:
    page = (PROJECT / "docs" / PAGES[language]).read_text(encoding="utf-8")
    assert page == settings_page(Texts(language)), "run `make settings`"
