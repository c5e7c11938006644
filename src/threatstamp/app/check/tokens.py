"""Tokens and their scopes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.scopes import FOR_LEGENDS, has_cases, needed_scopes, useful_scopes
from threatstamp.app.workspace import Whoami, open_calls
from threatstamp.config.secrets import PREFIXES, Secrets, needed_secrets
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SlackError
from threatstamp.desk.policy.legend import LegendState
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.views.running import SOCKET
from threatstamp.texts.catalogue import Texts

SIGNING = "SLACK_SIGNING_SECRET"

USEFUL: Mapping[str, str] = {
    "channels:read": "scope_names",
    "users:read": "scope_users",
    "users:read.email": "scope_email",
    "usergroups:read": "scope_groups",
    "emoji:read": "scope_emoji",
}
"""Scopes without which names cannot be found, each with its sentence."""


def check_presence(settings: Settings, secrets: Secrets, texts: Texts) -> Iterator[Check]:
    """Yields a failure for each secret that is missing; and the one that Slack cannot be asked about."""
    found = Findings("token", texts)
    for name in needed_secrets(settings.slack.mode):
        key = "check_no_signing_secret" if name == SIGNING else "check_no_token"
        if secrets.of(name) is None:
            yield found.bad(name, key, prefix=PREFIXES[name])
        elif name == SIGNING:
            yield found.good(name, "check_signing_secret")


def check_app_token(settings: Settings, secrets: Secrets, texts: Texts) -> Iterator[Check]:
    """Yields whether Slack accepts the app-level token, by requesting a Socket Mode URL without using it.

    Over HTTP nothing needs the token.
    """
    if secrets.app_token is None or settings.slack.mode != SOCKET:
        return
    found = Findings("token", texts)
    try:
        calls = open_calls(settings, secrets.app_token, timing=Timing())
        calls.post("apps.connections.open")
    except SlackError as error:
        yield found.refused("SLACK_APP_TOKEN", error)
    else:
        yield found.good("SLACK_APP_TOKEN", "check_app_token")


def check_scopes(settings: Settings, who: Whoami, texts: Texts) -> Iterator[Check]:
    """Yields a check for each scope that these settings need; nothing if the server does not name scopes."""
    if who.scopes is None:
        return
    found = Findings("scope", texts)
    for scope in needed_scopes(settings):
        if scope in who.scopes:
            yield found.good(scope, "check_scope")
        else:
            yield found.bad(scope, "check_scope_missing", scope=scope)
    for scope in useful_scopes(settings):
        if scope not in who.scopes:
            yield found.bad(scope, f"check_{USEFUL[scope]}", scope=scope)


def check_command_scope(settings: Settings, who: Whoami, texts: Texts) -> Iterator[Check]:
    """Yields a warning where cards have buttons and no command beside them."""
    if who.scopes is not None and has_cases(settings) and "commands" not in who.scopes:
        missing = Findings("scope", texts).bad("commands", "check_scope_commands", scope="commands")
        yield replace(missing, ok=True)


def check_legend_scopes(placed: Collection[LegendState], who: Whoami, texts: Texts) -> Iterator[Check]:
    """Yields a warning for each scope without which a legend that is in Slack is less than it could be."""
    found, known = Findings("scope", texts), who.scopes
    if known is None or not placed:
        return
    is_message = any(one.refused for one in placed)
    for scope in FOR_LEGENDS:
        is_pin = scope == "pins:write"
        if scope not in known and (is_message or not is_pin):
            key = "check_scope_pins" if is_pin else "check_scope_canvases"
            yield replace(found.bad(scope, key, scope=scope), ok=True)


def missing_scopes(settings: Settings, who: Whoami) -> frozenset[str]:
    """Returns the scopes that `check_scopes` names: what cannot be found without them is not a cause."""
    known = who.scopes
    if known is None:
        return frozenset()
    return frozenset(
        scope for scope in (*needed_scopes(settings), *useful_scopes(settings)) if scope not in known
    )
