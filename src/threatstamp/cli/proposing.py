"""What `init` proposes: the channels and the emoji that are in use already, where there is a token to look.

Nothing that fails here ends the command: it is said, and the file has the examples.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import click

from threatstamp.cli.progress import PATIENCE, ProgressLine
from threatstamp.cli.speech import texts
from threatstamp.config.reference.setting import TOP
from threatstamp.config.secrets import read_secrets
from threatstamp.core.errors import PolicyError, SlackError
from threatstamp.core.secrets import hide
from threatstamp.render.settings import RouteDraft
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code
from threatstamp.texts.emoji import sign_of

if TYPE_CHECKING:
    from threatstamp.app.proposing import (
        EmojiUse,
        Habits,
        Observer,
    )  # Slack's client only if there is a token

EXAMPLE_SOURCE, EXAMPLE_REACTION, EXAMPLE_TO = "#security-news", "rotating_light", "#sec-alert"
LOOKED_AT = 5
"""Channels that are read where nobody is there to be asked for one."""


class Proposals:
    """The workspace's habits, and what was made of them. chosen: destinations by emoji.

    example_to: where the example route leads, which the file has if nothing was chosen.
    """

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self.chosen: dict[str, str] = {}
        self.example_to = EXAMPLE_TO
        self._source = EXAMPLE_SOURCE
        self._uses: tuple[EmojiUse, ...] = ()

    def source(self) -> str:
        """Returns the channel to propose: the example, unless the app is in others and not in that."""
        return next(iter(self._candidates()), EXAMPLE_SOURCE)

    def look(self, source: str, *, share: int = 1) -> tuple[EmojiUse, ...]:
        """Says which emoji are in use in a channel, and returns them; none without a token.

        share: see `Observer.habits`.
        """
        habits = self._habits(source, share)
        self._source, self._uses = source, habits.uses if habits else ()
        return self._uses

    def choose(self, use: EmojiUse, to: str) -> None:
        """Makes a route of it, unless the destination is empty."""
        if to:
            self.chosen[use.reaction] = to

    def unasked(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yields the file's values where nobody can be asked: the channel with most stamps is the source."""
        yield (TOP, "language"), f'"{texts().language}"'
        best, most = self.source(), -1
        found: tuple[EmojiUse, ...] = ()
        candidates = self._candidates()[:LOOKED_AT]
        for name in candidates:
            uses = self.look(name, share=len(candidates))
            if sum(use.posts for use in uses) > most:
                best, most, found = name, sum(use.posts for use in uses), uses
        self._source, self._uses = best, found
        yield ("sources", "channel"), _toml(best)
        yield from self.main_route()

    def main_route(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Yields the values of the route that a file needs at least."""
        reaction, to = next(iter(self.chosen.items()), (EXAMPLE_REACTION, self.example_to))
        yield ("routes", "reaction"), _toml(reaction)
        yield ("routes", "to"), _toml([to])

    def drafts(self, words: Texts) -> tuple[RouteDraft, ...]:
        """Returns the further routes: those that were chosen, then the other emoji in use as proposals."""
        main = next(iter(self.chosen), EXAMPLE_REACTION)
        to = self.chosen.get(main, self.example_to)
        drafts = (
            RouteDraft(
                reaction=use.reaction,
                to=self.chosen.get(use.reaction, to),
                why=words(
                    "settings.file_use",
                    sign=sign_of(use.reaction),
                    count=use.posts,
                    channel=self._source,
                ),
                is_set=use.reaction in self.chosen,
            )
            for use in self._uses
            if use.reaction != main
        )
        return tuple(sorted(drafts, key=lambda draft: not draft.is_set))

    def _candidates(self) -> tuple[str, ...]:
        """Returns the channels that may be the source: the example first, if it may be it."""
        if self._observer is None:
            return ()
        others = tuple(name for name in self._own if name != EXAMPLE_TO)  # which forwards go to
        return (EXAMPLE_SOURCE,) if EXAMPLE_SOURCE in others else others or (EXAMPLE_SOURCE,)

    @cached_property
    def _own(self) -> tuple[str, ...]:
        try:
            return self._observer.own_channels() if self._observer else ()
        except SlackError as error:
            _say("cli.init_no_look", error)
            return ()

    @cached_property
    def _observer(self) -> Observer | None:
        """Looks at the workspace; None without a token that can."""
        try:
            token = read_secrets(os.environ, texts().language).bot_token
        except PolicyError as error:
            for problem in error.problems:
                click.echo(hide(problem))
            return None
        if token is None:
            return None
        from threatstamp.app.proposing import Observer

        try:
            return Observer(self._api_url, token)
        except SlackError as error:
            _say("cli.init_no_look", error)
            return None

    def _habits(self, source: str, share: int) -> Habits | None:
        if self._observer is None:
            return None
        try:
            with ProgressLine(patience=PATIENCE) as line:
                habits = self._observer.habits(
                    source,
                    share=share,
                    report=lambda posts: line.say(texts()("cli.progress_init", channel=source, posts=posts)),
                )
        except SlackError as error:
            _say("cli.init_not_read", error, channel=source)
            return None
        if habits.refused and not habits.posts:
            _say("cli.init_not_read", habits.refused, channel=source)
            return None
        _say_habits(source, habits)
        return habits


def _say_habits(source: str, habits: Habits) -> None:
    uses = (texts()("cli.init_use", sign=sign_of(use.reaction), count=use.posts) for use in habits.uses)
    said = texts()("cli.init_and").join(uses) or texts()("cli.init_no_use")
    key = "cli.init_uses" if habits.whole else "cli.init_uses_partly"
    click.echo(texts()(key, channel=source, posts=habits.posts, uses=said))


def _say(key: str, error: SlackError, **values: object) -> None:
    reason = say_code(texts(), error.code)
    if error.needed:
        reason = texts()("cli.init_needed", reason=reason, scope=hide(error.needed))
    click.echo(texts()(key, reason=reason, **values))


def _toml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
