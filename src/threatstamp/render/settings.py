"""The settings explained: a page for the documentation, a commented file to begin with, what is in force."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.config.feeds import presets
from threatstamp.config.lines import Path
from threatstamp.config.origins import InForce, Source
from threatstamp.config.reference import ENVIRONMENT, FROM_FILES, TABLES, settings_of
from threatstamp.config.reference.setting import TOP, Kind, Setting, plain_name
from threatstamp.render.columns import pad, wrap
from threatstamp.texts.catalogue import Language, Texts

Chosen = Mapping[tuple[str, str], str]
"""Values in TOML, by table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDraft:
    """A further route for a file to begin with. why: what speaks for it. is_set: else it is behind a #."""

    reaction: str
    to: str
    why: str
    is_set: bool = False


WIDEST = 96
"""Columns of a comment in the file."""

ORIGINS = 56
"""The column at which `config show` says where a value is from."""

EMPTY = ("", '""', "[]")
_LEAST = {
    ("sources", "channel"): '"#security-news"',
    ("routes", "reaction"): '"rotating_light"',
    ("routes", "to"): '["#sec-alert"]',
}
"""What a file cannot do without."""


def settings_page(texts: Texts) -> str:
    """Returns the page of all settings, as Markdown."""
    return "\n".join(_page(texts)) + "\n"


def settings_file(texts: Texts, chosen: Chosen | None = None, routes: Sequence[RouteDraft] = ()) -> str:
    """Returns a file with every setting: valid as it is, and with every `#key` uncommented, too.

    chosen: values that are set in it; what a file needs at least is set in any case. The others are behind
    a #, those that exclude another setting behind ##. routes: further ones.
    """
    values = {(TOP, "language"): f'"{texts.language}"', **_LEAST, **_browser_rule(texts), **(chosen or {})}
    return "\n".join(_file(texts, values, routes)).strip() + "\n"


def in_force_lines(found: Iterable[InForce], texts: Texts) -> Iterator[str]:
    """Yields what is in force as a file would have it, each value with where it is from."""
    table: Path = ()
    for one in found:
        if one.path[:-1] != table:
            table = one.path[:-1]
            yield ""
            yield heading(one.setting.table)
        if one.value is None:
            yield f"# {one.setting.key}: {texts('settings.show_nothing')}"
        else:
            value = f"{one.setting.key} = {toml_text(one)}"
            yield f"{pad(value, ORIGINS)}  # {_origin(one, texts)}"


def toml_text(one: InForce) -> str:
    """Returns a value as TOML has it: a date without quotation marks, everything else like JSON."""
    if isinstance(one.value, dict):
        parts = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in one.value.items())
        return f"{{ {', '.join(parts)} }}"
    return str(one.value) if one.setting.kind is Kind.DATE else json.dumps(one.value, ensure_ascii=False)


def _origin(one: InForce, texts: Texts) -> str:
    if one.source in (Source.FILE, Source.SHEET):
        return one.where
    return texts(f"settings.show_{one.source}", name=one.where)


def heading(table: str) -> str:
    """Returns how a table begins in the file: [slack], [[routes]]."""
    return f"[[{table}]]" if TABLES[table] else f"[{table}]"


def default_words(setting: Setting, texts: Texts) -> str:
    """Returns the default as it is said: a value in TOML, or words; "" for none."""
    words = f"{setting.name}_default"
    return texts(words) if texts.has(words) else setting.default


def _page(texts: Texts) -> Iterator[str]:
    yield f"# {texts('settings.page_title')}"
    yield ""
    yield texts("settings.page_intro")
    for table in TABLES:
        yield ""
        yield f"## {f'`{heading(table)}`' if table else texts('settings.table_top')}"
        yield ""
        yield texts(f"settings.about_{plain_name(table)}")
        yield ""
        yield texts("settings.page_heads")
        yield "|---|---|---|---|---|"
        yield from (_row(setting, texts) for setting in settings_of(table))
    yield ""
    yield from _environment(texts)


def _row(setting: Setting, texts: Texts) -> str:
    cells = (
        f"`{setting.key}`",
        _type(setting, texts),
        _default(setting, texts),
        f"`{setting.example_in(texts)}`",
        _joined((texts(setting.name), _instead(setting, texts), *_presets(setting, texts)), texts),
    )
    return f"| {' | '.join(cells)} |"


def _type(setting: Setting, texts: Texts) -> str:
    if setting.kind is Kind.CHOICE:
        return texts("settings.page_or").join(f'`"{choice}"`' for choice in setting.choices)
    return texts(f"settings.type_{setting.kind}")


def _default(setting: Setting, texts: Texts) -> str:
    if setting.required:
        return f"**{texts('settings.page_required')}**"
    words = default_words(setting, texts)
    if not words:
        return texts("settings.page_none")
    return f"`{words}`" if words == setting.default else words


def _environment(texts: Texts) -> Iterator[str]:
    yield f"## {texts('settings.page_environment')}"
    yield ""
    yield texts("settings.page_environment_intro")
    yield ""
    yield texts("settings.page_environment_heads")
    yield "|---|---|"
    for name in ENVIRONMENT:
        more = texts("settings.page_file_too", name=name) if name in FROM_FILES else ""
        yield f"| `{name}` | {_joined((texts(f'settings.environment_{name}'), more), texts)} |"


def _file(texts: Texts, chosen: Chosen, routes: Sequence[RouteDraft]) -> Iterator[str]:
    yield from _comment(texts("settings.file_intro"))
    for table in TABLES:
        if table:
            yield from ("", "")
            yield from _comment(texts(f"settings.about_{plain_name(table)}"))
            needs_more = TABLES[table] or any(one.required for one in settings_of(table))
            is_set = not needs_more or any(place[0] == table for place in chosen)
            yield f"{'' if is_set else '#'}{heading(table)}"
        for setting in settings_of(table):
            yield ""
            yield from _comment(_joined((texts(setting.name), _instead(setting, texts)), texts))
            yield from _comment(_joined(tuple(_values(setting, texts)), texts))
            yield _line(setting, texts, chosen)
        if table == "routes":
            for draft in routes:
                yield from _draft(draft)
        if table == "policy.rules":
            yield from _score_rule(texts)


def _browser_rule(texts: Texts) -> Chosen:
    """Returns the first of the two rules with which a file begins."""
    reason = json.dumps(texts("settings.policy_rules_browser"), ensure_ascii=False)
    values = {"when": '{ tag = "browser" }', "raise_to": '"high"', "reason": reason}
    return {("policy.rules", key): value for key, value in values.items()}


def _score_rule(texts: Texts) -> Iterator[str]:
    """Yields the second one."""
    yield ""
    yield heading("policy.rules")
    yield "when = { cvss_above = 9.0 }"
    yield 'raise_to = "critical"'
    yield f"reason = {json.dumps(texts('settings.policy_rules_score'), ensure_ascii=False)}"


def _draft(draft: RouteDraft) -> Iterator[str]:
    sign = "" if draft.is_set else "#"
    yield ""
    yield from _comment(draft.why)
    yield f"{sign}{heading('routes')}"
    yield f"{sign}reaction = {json.dumps(draft.reaction, ensure_ascii=False)}"
    yield f"{sign}to = {json.dumps([draft.to], ensure_ascii=False)}"


def _presets(setting: Setting, texts: Texts) -> Iterator[str]:
    if (setting.table, setting.key) == ("feeds", "preset"):
        names = texts("settings.page_or").join(f"`{name}`" for name in presets())
        yield texts("settings.file_choices", choices=names)


def _values(setting: Setting, texts: Texts) -> Iterator[str]:
    yield from (words.replace("`", '"') for words in _presets(setting, texts))
    if setting.choices:
        choices = texts("settings.page_or").join(f'"{choice}"' for choice in setting.choices)
        yield texts("settings.file_choices", choices=choices)
    default = default_words(setting, texts)
    if default not in EMPTY:
        yield texts("settings.file_default", default=default)


def _instead(setting: Setting, texts: Texts) -> str:
    return texts("settings.file_instead", name=setting.instead) if setting.instead else ""


def _joined(sentences: tuple[str, ...], texts: Texts) -> str:
    return ("" if texts.language is Language.JA else " ").join(one for one in sentences if one)


def _line(setting: Setting, texts: Texts, chosen: Chosen) -> str:
    place = (setting.table, setting.key)
    if place in chosen:
        return f"{setting.key} = {chosen[place]}"
    value = setting.default if setting.default not in EMPTY else setting.example_in(texts)
    source = chosen["sources", "channel"]
    if place == ("routes", "from"):
        value = f"[{source}]"  # only a source can be there
    elif place == ("feeds", "channel"):
        value = source
    return f"{'##' if setting.instead else '#'}{setting.key} = {value}"


def _comment(words: str) -> Iterator[str]:
    for part in words.strip().split("\n"):
        yield from (f"# {line}" for line in wrap(part, WIDEST))
