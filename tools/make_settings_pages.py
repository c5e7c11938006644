"""Makes docs/settings.md and docs/settings.ja.md from the definitions of the settings."""

from __future__ import annotations

from pathlib import Path

from threatstamp.render.settings import settings_page
from threatstamp.texts.catalogue import Language, Texts

DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    for language, name in ((Language.EN, "settings.md"), (Language.JA, "settings.ja.md")):
        (DOCS / name).write_text(settings_page(Texts(language)), encoding="utf-8")


if __name__ == "__main__":
    main()
