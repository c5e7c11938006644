"""The tables [[tracks]]: tracks of one's own, and what the company wants of those that are built in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config.names import channel_name
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.routes import read_people
from threatstamp.config.secrets import reason_of
from threatstamp.config.tables import LONGEST, built_in, read_toml
from threatstamp.core.cases.ticket import TrackerPlan
from threatstamp.core.cases.track import NO_WORDS, TrackPlan
from threatstamp.core.ids import TrackerName, TrackName
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.route import Track

LONGEST_NAME = 40
LONGEST_LABEL = 40
MOST_STEPS = 30
"""Of a checklist. Three groups of Slack's check boxes, of ten each."""

MOST_DAYS = 3_650
_CALLED = {
    "アプリ更新": Track.APP_UPDATE,
    "アプリの更新": Track.APP_UPDATE,
    "更新": Track.APP_UPDATE,
    "製品": Track.PRODUCT,
    "製品の脆弱性": Track.PRODUCT,
    "調査": Track.INVESTIGATE,
}
"""What Japanese sheets call the tracks that are built in."""

MOST_HOURS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackSettings:
    """A track as the file has it. plan: without what has to be found in Slack.

    lead, channel: as written; "" for no channel. file: of the checklist; None for none. content: of it.
    """

    plan: TrackPlan
    lead: tuple[str, ...] = ()
    channel: str = ""
    file: Path | None = None
    content: bytes = b""


def usual_tracks() -> tuple[TrackSettings, ...]:
    """Returns the tracks that are built in. An investigation begins with the triage of the usual table."""
    found = (TrackPlan(name=TrackName(one.value), kind=one, checklist=_usual_steps(one)) for one in Track)
    return tuple(TrackSettings(plan=plan) for plan in found)


def read_tracks(
    tables: Sequence[Table],
    *,
    folder: Path,
    trackers: Sequence[TrackerPlan] = (),
    top: frozenset[str] = frozenset(),
) -> tuple[TrackSettings, ...]:
    """Returns all tracks, the built-in ones first; what is wrong is added to the tables' problems.

    A table with the name of a built-in one says what is different about that.
    """
    found = {one.plan.name: one for one in usual_tracks()}
    seen: set[str] = set()
    for table in tables:
        one = _read_track(table, folder, trackers)
        table.close(top=top)
        name = one.plan.name
        if name in seen:
            table.wrong("name", "twice", value=name)
        if name:
            seen.add(name)
            found[name] = one
    return tuple(found.values())


def track_words(tracks: Sequence[TrackSettings]) -> Mapping[str, TrackName]:
    """Returns what people may write for a track: its name, or its label in either language."""
    words = {said: TrackName(kind.value) for said, kind in _CALLED.items()}
    for one in tracks:
        label = one.plan.label
        for said in (label.ja, label.en):
            if said:
                words[said] = one.plan.name
    return {**words, **{one.plan.name: one.plan.name for one in tracks}}


def _read_track(table: Table, folder: Path, trackers: Sequence[TrackerPlan]) -> TrackSettings:
    if not table.has("name"):
        table.missing("name")
    name = _name(table)
    kinds = {one.value: one for one in Track}
    kind = kinds.get(name) or kinds[table.choice("like", list(kinds), Track.PRODUCT)]
    if table.has("like") and name in kinds:
        table.wrong("like", "track_like", value=name)
    steps, file, content = _checklist(table, folder, kind)
    channel = table.text("channel", "")
    known = channel_name(channel) if channel else ""
    if known is None:
        table.wrong("channel", "channel", value=channel, hint=table.near(None))
    plan = TrackPlan(
        name=TrackName(name),
        kind=kind,
        label=_label(table),
        checklist=steps,
        due=_due(table),
        tracker=_tracker(table, trackers),
    )
    return TrackSettings(
        plan=plan, lead=read_people(table, "lead"), channel=known or "", file=file, content=content
    )


def _tracker(table: Table, trackers: Sequence[TrackerPlan]) -> TrackerPlan | None:
    said, known = table.text("ticket", ""), {one.name: one for one in trackers}
    if said and said not in known:
        table.wrong("ticket", "track_ticket", value=said, hint=table.hint(said, known))
    return known.get(TrackerName(said))


def _name(table: Table) -> str:
    name = table.text("name", "")
    if len(name) > LONGEST_NAME:
        table.wrong("name", "too_long", most=LONGEST_NAME)
    elif not name.isprintable():
        table.wrong("name", "one_line")
    return name


def _label(table: Table) -> Wording:
    said = table.value("label")
    if said is None:
        return NO_WORDS
    found = _wording(said, LONGEST_LABEL)
    if found is None:
        table.wrong("label", "track_label", most=LONGEST_LABEL)
    return found or NO_WORDS


def _due(table: Table) -> Mapping[Priority, int]:
    said = table.value("due")
    if said is None:
        return {}
    scale = {one.value: one for one in SCALE}
    if isinstance(said, dict) and all(
        name in scale and _is_count(days, MOST_DAYS) for name, days in said.items()
    ):
        return {scale[name]: int(days) for name, days in said.items()}
    table.wrong("due", "track_due")
    return {}


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _wording(said: object, longest: int) -> Wording | None:
    """Returns a text that is given once, or in both languages; None for anything else."""
    both = (said.get("ja"), said.get("en")) if isinstance(said, dict) and len(said) == 2 else (said, said)
    ja, en = (" ".join(one.split()) if isinstance(one, str) else "" for one in both)
    return Wording(ja=ja, en=en) if ja and en and max(len(ja), len(en)) <= longest else None


def _usual_steps(kind: Track) -> tuple[ChecklistStep, ...]:
    if kind is not Track.INVESTIGATE:
        return ()
    return next(one.checklist for one in built_in("bod-26-04").outcomes if one.forensics)


def _checklist(
    table: Table, folder: Path, kind: Track
) -> tuple[tuple[ChecklistStep, ...], Path | None, bytes]:
    said = table.value("checklist")
    if said is None:
        return _usual_steps(kind), None, b""
    if isinstance(said, str):
        return _of_file(table, said.strip(), folder)
    steps = list(_steps(said)) if isinstance(said, list) and len(said) <= MOST_STEPS else [None]
    if None in steps:
        table.wrong("checklist", "track_checklist", most=MOST_STEPS, longest=LONGEST)
    return tuple(one for one in steps if one is not None), None, b""


def _steps(said: Sequence[object]) -> Iterator[ChecklistStep | None]:
    for one in said:
        text = _wording(one, LONGEST)
        yield ChecklistStep(hours=0, text=text) if text else None


def _of_file(table: Table, name: str, folder: Path) -> tuple[tuple[ChecklistStep, ...], Path | None, bytes]:
    try:
        file = (folder / name).absolute()
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = reason_of(error, table.problems.texts) if isinstance(error, OSError) else str(error)
        table.wrong("checklist", "unreadable", path=name, reason=reason)
        return (), None, b""
    found = read_toml(file.name, content, table.problems)
    return tuple(_read_steps(*found)) if found else (), file, content


def _read_steps(values: Mapping[str, object], problems: Problems) -> Iterator[ChecklistStep]:
    for key in values:
        if key != "steps":
            problems.add((key,), "table_key", choices=Words("steps"))
    said = values.get("steps")
    if not isinstance(said, list) or not 0 < len(said) <= MOST_STEPS:
        problems.add(("steps",), "track_steps", most=MOST_STEPS)
        return
    for number, one in enumerate(said):
        values = one if isinstance(one, dict) else {}
        text, hours = _wording(values.get("text"), LONGEST), values.get("hours", 0)
        if text is None or not set(values) <= {"text", "hours"} or not _is_count(hours, MOST_HOURS):
            problems.add(("steps", number), "track_step", longest=LONGEST, most=MOST_HOURS)
        else:
            yield ChecklistStep(hours=int(str(hours)), text=text)
