"""`stories`: what belongs together, why, and a person's word where the desk was wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import click

from threatstamp.cli.ending import ended_by_signal
from threatstamp.cli.help import Command, Group
from threatstamp.cli.opening import open_settings, opened_store
from threatstamp.cli.reviewing import named_person, review, said_reason
from threatstamp.cli.speech import json_text, shown
from threatstamp.config.settings import Settings
from threatstamp.core.ids import StoryId
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.ports.store import Store
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_time


@click.group("stories", cls=Group)
def command() -> None:
    """Stories: look at, split, join, review."""


command.add_command(review)


@command.command("show", cls=Command)
@click.argument("story")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def show(ctx: click.Context, story: str, as_json: bool) -> None:
    """Show a story with its entries; exit 1 for one that is not known."""
    settings, texts = open_settings(ctx)
    from threatstamp.desk.views.stories import find_stories
    from threatstamp.desk.views.workspace import channel_names
    from threatstamp.render.stories import story_body, story_lines

    with opened_store(settings) as store:
        found = find_stories(store, story)
        with store.reading() as read:
            names = channel_names(read)
            reviews = read.reviews.of([one.story.id for one in found])
    if not found:
        _refuse(texts("stories.refused_unknown", story=shown(story)))

    def call(channel: str) -> str:
        return names.get(channel, channel)

    if as_json:
        click.echo(
            json_text(
                {"stories": [story_body(one, call=call, review=reviews.get(one.story.id)) for one in found]},
                indent=2,
            )
        )
        return
    for one in found:
        known = reviews.get(one.story.id)
        for line in story_lines(one, texts, say=_clock(settings, texts), call=call, review=known):
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
