"""What a setting is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.texts.catalogue import Texts

TOP = ""
"""The part of the file before its first [table]."""


class Kind(StrEnum):
    """What a value is, each with its words `type_…`."""

    CHOICE = "choice"
    TEXT = "text"
    FLAG = "flag"
    COUNT = "count"
    DURATION = "duration"
    SIZE = "size"
    DATE = "date"
    ZONE = "zone"
    DATABASE = "database"
    FILE = "file"
    FILES = "files"
    ADDRESS = "address"
    PLACE = "place"
    VARIABLE = "variable"
    EMOJI = "emoji"
    CHANNEL = "channel"
    CHANNELS = "channels"
    PEOPLE = "people"
    NETWORKS = "networks"
    TEXTS = "texts"
    CVE = "cve"
    CONDITIONS = "conditions"
    TABLE = "table"
    COUNTRY = "country"
    DAYS = "days"
    TOLD = "told"
    TIME = "time"
    NAMES = "names"
    WORDS = "words"
    """A text, or one in each language."""
    STEPS = "steps"
    TERMS = "terms"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key of the file. example, default: as they are written in TOML; "" where no value is the default.

    The catalogue `settings` has its sentence, and in its own words, where TOML has none, `…_default` and
    `…_example`.

    choices: the values of a CHOICE. required: a table without it is refused. instead: the keys or the
    table that it excludes.
    """

    table: str
    key: str
    kind: Kind
    example: str
    default: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    instead: str = ""

    @property
    def name(self) -> str:
        """Its sentence: the key in the catalogue."""
        return f"settings.{plain_name(self.table)}_{self.key}"

    def example_in(self, texts: Texts) -> str:
        """Returns the example, which may be a sentence in a language."""
        name = f"{self.name}_example"
        return texts(name) if texts.has(name) else self.example


def plain_name(table: str) -> str:
    """Returns a table's name as the catalogue has it in its keys: policy_rules."""
    return table.replace(".", "_") or "top"


def of(
    table: str,
    key: str,
    kind: Kind,
    example: str,
    *,
    default: str = "",
    choices: tuple[str, ...] = (),
    required: bool = False,
    instead: str = "",
) -> Setting:
    """Returns a setting; see there."""
    return Setting(
        table=table,
        key=key,
        kind=kind,
        example=example,
        default=default,
        choices=choices,
        required=required,
        instead=instead,
    )
