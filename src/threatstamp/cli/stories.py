"""`stories`: what belongs together, why, and a person's word where the desk was wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.misuse import Misuse
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.reviewing import named_person, review, said_reason
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.settings import Settings
from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.ids import StoryId
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.ports.store import Store
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time


@click.group("stories", cls=Group)
def command() -> None:
    """Stories: look at, split, join, correct, review."""


command.add_command(review)


@command.command("show", cls=Command)
@click.argument("story")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def show(ctx: click.Context, story: str, as_json: bool) -> None:
    """Show a story with its entries; exit 1 for one that is not known."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.matching import LoreInForce
    from threatstamp.desk.priority.insight import Insight
    from threatstamp.desk.views.stories import find_stories
    from threatstamp.desk.views.workspace import channel_names
    from threatstamp.render.stories import story_body, story_lines

    with opened_store(settings) as store:
        found = find_stories(store, story)
        with store.reading() as read:
            names = channel_names(read)
            reviews = read.reviews.of([one.story.id for one in found])
            words = [read.stories.words(one.story.id) for one in found]
    if not found:
        _refuse(texts("stories.refused_unknown", story=shown(story)))

    def call(channel: str) -> str:
        return names.get(channel, channel)

    insight = Insight(LoreInForce(lambda: settings))
    known = [
        (one, insight.subject(one.story, said), reviews.get(one.story.id))
        for one, said in zip(found, words, strict=True)
    ]
    if as_json:
        bodies = [story_body(one, call=call, subject=subject, review=act) for one, subject, act in known]
        click.echo(json_text({"stories": bodies}, indent=2))
        return
    say = _clock(settings, texts)
    for one, subject, act in known:
        for line in story_lines(one, texts, say=say, call=call, subject=subject, review=act):
            click.echo(shown(line))


@command.command("split", cls=Command)
@click.argument("story")
@click.option("--entry", type=int, required=True)
@click.option("--by", required=True)
@click.option("--reason", default="")
@click.pass_context
@ended_by_signal()
def split_story(ctx: click.Context, story: str, entry: int, by: str, reason: str) -> None:
    """Make an entry a story of its own."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.news.moving import MoveOrder, Unmoved, split

    who = named_person(by, texts)
    with opened_store(settings) as store:
        one = _only(store, story, texts)
        order = MoveOrder(by=who, reason=said_reason(reason), now=SystemClock().now())
        new = split(store, one, entry, order)
    if isinstance(new, Unmoved):
        _refuse(texts(f"stories.refused_{new.value}", story=one))
    click.echo(texts("stories.split", id=new))


@command.command("join", cls=Command)
@click.argument("story")
@click.argument("other")
@click.option("--by", required=True)
@click.option("--reason", default="")
@click.pass_context
@ended_by_signal()
def join_stories(ctx: click.Context, story: str, other: str, by: str, reason: str) -> None:
    """Make two stories one."""
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.news.moving import MoveOrder, cases_of, join

    who = named_person(by, texts)
    with opened_store(settings) as store:
        first, second = _only(store, story, texts), _only(store, other, texts)
        refusal = join(
            store, first, second, MoveOrder(by=who, reason=said_reason(reason), now=SystemClock().now())
        )
        with store.reading() as read:
            cases = cases_of(read, first) if refusal is None else ()
    if refusal is not None:
        _refuse(texts(f"stories.refused_{refusal.value}", story=first))
    click.echo(texts("stories.joined", id=first))
    if len(cases) > 1:
        click.echo(texts("stories.joined_cases", cases=", ".join(f"#{one}" for one in cases)))


@command.command("kind", cls=Command)
@click.argument("story")
@click.argument("kind", required=False, type=click.Choice([one.value for one in StoryKind]))
@click.option("--undo", is_flag=True)
@click.option("--by", required=True)
@click.option("--reason", default="")
@click.pass_context
@ended_by_signal()
def correct_kind(ctx: click.Context, story: str, kind: str | None, undo: bool, by: str, reason: str) -> None:
    """Say of what kind a story is, or take that back."""
    if undo == (kind is not None):
        raise Misuse(ctx, "story_kind_one")
    settings, texts = open_settings(ctx)
    from threatstamp.app.clock import SystemClock
    from threatstamp.desk.news.moving import MoveOrder, Unmoved, name_kind

    who = named_person(by, texts)
    with opened_store(settings) as store:
        one = _only(store, story, texts)
        order = MoveOrder(by=who, reason=said_reason(reason), now=SystemClock().now())
        refusal = name_kind(store, one, StoryKind(kind) if kind else None, order)
    if refusal is not None:
        key = f"refused_{refusal.value}"
        _refuse(
            texts(f"stories.{key}_undo" if undo and refusal is Unmoved.KIND else f"stories.{key}", story=one)
        )
    if kind is None:
        click.echo(texts("stories.unnamed"))
    else:
        click.echo(texts("stories.named", kind=texts(f"reading.kind_{kind}")))


def _only(store: Store, said: str, texts: Texts) -> StoryId:
    """Returns the one story that goes by this id, link or CVE; else ends the command."""
    from threatstamp.desk.views.stories import find_stories

    found = find_stories(store, said)
    if not found:
        _refuse(texts("stories.refused_unknown", story=shown(said)))
    if len(found) > 1:
        _refuse(texts("stories.refused_several", story=shown(said), count=len(found)))
    return found[0].story.id


def _clock(settings: Settings, texts: Texts) -> Callable[[Micros], str]:
    return lambda at: say_time(datetime_of(at), settings.timezone, texts.language)


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
