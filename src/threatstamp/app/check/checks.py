"""All checks, part by part: everything that `run` needs is checked, and nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator

from threatstamp.app.check.channels import check_channels
from threatstamp.app.check.database import check_database, known_legends, known_names
from threatstamp.app.check.facts import check_facts
from threatstamp.app.check.feeds import check_feeds
from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.check.owners import check_owners
from threatstamp.app.check.people import check_emoji, check_people
from threatstamp.app.check.rights import check_rights
from threatstamp.app.check.sheets import check_sheets
from threatstamp.app.check.tokens import (
    check_app_token,
    check_command_scope,
    check_legend_scopes,
    check_presence,
    check_scopes,
    missing_scopes,
)
from threatstamp.app.check.trackers import check_trackers
from threatstamp.app.clock import SystemClock
from threatstamp.app.scopes import needs_buttons
from threatstamp.app.workspace import Whoami, open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secret, Secrets
from threatstamp.config.settings import Settings
from threatstamp.core.errors import DeskError, SlackError
from threatstamp.desk.ports.time import Timing
from threatstamp.slack.calls import Calls
from threatstamp.texts.catalogue import Texts


def run_checks(settings: Settings, secrets: Secrets, texts: Texts) -> Iterator[Check]:
    """Yields the results, part by part, as soon as each is known. texts: what they are said in."""
    count = len(settings.routes)
    yield Findings("file", texts).good(settings.path.name, "check_file", routes=count)
    for one in settings.reading.lists:
        yield Findings("file", texts).good(one.file.name, "check_names", count=len(one.names))
    if needs_buttons(settings):
        yield Findings("file", texts).good("case", "check_buttons")
    yield from check_rights(settings, texts, os.environ)
    yield from check_database(settings, texts)
    yield from check_feeds(settings, texts)
    yield from check_facts(settings, texts, os.environ)
    settings, of_tabs = check_sheets(settings, texts)
    yield from of_tabs
    yield from check_trackers(settings, texts)
    yield from check_presence(settings, secrets, texts)
    if secrets.bot_token is not None:
        yield from _slack(settings, secrets, secrets.bot_token, texts)


def _slack(settings: Settings, secrets: Secrets, token: Secret, texts: Texts) -> Iterator[Check]:
    found = Findings("token", texts)
    try:
        calls = open_calls(settings, token, timing=Timing())
        who = whoami(calls)
    except SlackError as error:
        yield found.refused("SLACK_BOT_TOKEN", error)
        return
    except DeskError as error:
        yield found.wrong("SSL_CERT_FILE", str(error))
        return
    yield found.good("SLACK_BOT_TOKEN", "check_token", team=who.team_name, team_id=who.team)
    yield from check_app_token(settings, secrets, texts)
    yield from _once(_workspace(settings, calls, who, texts))


def _workspace(settings: Settings, calls: Calls, who: Whoami, texts: Texts) -> Iterator[Check]:
    yield from check_scopes(settings, who, texts)
    yield from check_command_scope(settings, who, texts)
    yield from check_legend_scopes(known_legends(settings, who.team), who, texts)
    missing = missing_scopes(settings, who)
    known = known_names(settings, who.team)
    workspace = open_workspace(settings, calls, who=who, clock=SystemClock(), known=known)
    directory = workspace.directory
    yield from check_channels(settings, directory, texts, missing=missing)
    yield from check_emoji(settings, workspace.emoji, texts, missing=missing)
    yield from check_people(settings, directory, texts, missing=missing)
    yield from check_owners(settings, directory, texts, granted=who.scopes)


def _once(checks: Iterator[Check]) -> Iterator[Check]:
    """Leaves out failures of a scope that was named before: one cause is one failure."""
    named: set[str] = set()
    for check in checks:
        if check.part == "scope":
            if check.name in named:
                continue
            named.add(check.name)
        yield check
