"""`check`: each part of the installation, and for each failure what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from threatstamp.app.clock import SystemClock
from threatstamp.app.workspace import Whoami, open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secrets
from threatstamp.config.settings import Settings
from threatstamp.core.entry import Fetched
from threatstamp.core.errors import DeskError, SlackError, StoreError
from threatstamp.core.feed import Feed, ProblemKind, Request
from threatstamp.core.ids import ChannelId
from threatstamp.core.policy import Confirm
from threatstamp.core.route import Route
from threatstamp.desk.ports import Timing
from threatstamp.feeds.problems import problem_message
from threatstamp.slack.calls import Calls
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.directory import Directory
from threatstamp.store import open_store
from threatstamp.store.connection import sqlite_path
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.emoji import is_standard, nearest

NEEDED = ("chat:write", "reactions:read", "channels:history")
WANTED: Mapping[str, str] = {
    "channels:read": "scope_names",
    "users:read": "scope_users",
    "usergroups:read": "scope_groups",
    "emoji:read": "scope_emoji",
    "groups:history": "scope_private",
    "groups:read": "scope_private",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at. fix: what to do next, "" where it is well."""

    part: str
    name: str
    ok: bool
    message: str
    fix: str = ""


class Checks:
    """Looks at everything that `run` will need, and changes nothing."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._settings = settings
        self._secrets = secrets
        self._texts = Texts(settings.language)

    def run(self) -> Iterator[Check]:
        """Yields what was found, part by part."""
        yield self._good("file", self._settings.path.name, "check_file", routes=len(self._settings.routes))
        yield self._database()
        yield from self._feeds()
        yield from self._slack()

    def _good(self, part: str, name: str, key: str, **values: object) -> Check:
        return Check(part=part, name=name, ok=True, message=self._texts(f"cli.{key}", **values))

    def _bad(self, part: str, name: str, key: str, **values: object) -> Check:
        fix = f"cli.{key}_fix"
        return Check(
            part=part,
            name=name,
            ok=False,
            message=self._texts(f"cli.{key}", **values),
            fix=self._texts(fix, **values) if self._texts.has(fix) else "",
        )

    def _database(self) -> Check:
        file = sqlite_path(self._settings.database)
        name = str(file) if file else self._settings.database.rpartition("@")[2]
        if file is not None and not file.exists():
            if file.parent.is_dir():
                return self._good("database", name, "check_database_new")
            return self._bad("database", name, "check_database_folder", folder=file.parent)
        try:
            open_store(self._settings.database).close()
        except StoreError as error:
            return self._bad("database", name, "check_database_bad", reason=str(error))
        return self._good("database", name, "check_database")

    def _feeds(self) -> Iterator[Check]:
        """Asks each feed for its document, as `run` would."""
        if not self._settings.feeds:
            return
        from threatstamp.feeds.fetch import Fetcher

        feeds = {feed.name: feed for feed in self._settings.feeds}
        asked = [
            (feed.name, Request(url=feed.url, zone=feed.zone, most=feed.most)) for feed in feeds.values()
        ]
        with Fetcher(allow_private=self._settings.fetch.allow_private) as fetcher:
            found = dict(fetcher.fetch_all(asked))
        for name, feed in feeds.items():
            if name in found:
                yield self._feed(feed, found[name])

    def _feed(self, feed: Feed, fetched: Fetched) -> Check:
        document = fetched.document
        problem = fetched.problem or (document.problem if document else None)
        if problem is None:
            return self._good("feed", feed.name, "check_feed", count=len(document.entries) if document else 0)
        key = "feed_problem"
        if problem.kind is ProblemKind.FORBIDDEN_ADDRESS:
            key = "feed_forbidden"
        elif fetched.gone:
            key = "feed_gone"
        elif problem.kind in (ProblemKind.NETWORK, ProblemKind.TIMEOUT):
            key = "feed_network"
        words = problem_message(self._texts, problem)
        fix = self._texts(f"cli.check_{key}_fix", url=feed.url)
        return Check(part="feed", name=feed.name, ok=False, message=words, fix=fix)

    def _slack(self) -> Iterator[Check]:
        if self._secrets.bot_token is None:
            yield self._bad("token", "SLACK_BOT_TOKEN", "check_no_token", prefix="xoxb-")
        if self._secrets.app_token is None:
            yield self._bad("token", "SLACK_APP_TOKEN", "check_no_token", prefix="xapp-")
        if self._secrets.bot_token is None:
            return
        try:
            calls = open_calls(self._settings, self._secrets.bot_token, timing=Timing())
            who = whoami(calls)
        except SlackError as error:
            yield self._slack_failed("token", "SLACK_BOT_TOKEN", error)
            return
        except DeskError as error:
            yield Check(part="token", name="SSL_CERT_FILE", ok=False, message=str(error))
            return
        yield self._good("token", "SLACK_BOT_TOKEN", "check_token", team=who.team_name, team_id=who.team)
        yield from self._app_token()
        yield from self._scopes(who)
        workspace = open_workspace(self._settings, calls, who=who, clock=SystemClock())
        yield from self._names(calls, workspace)

    def _app_token(self) -> Iterator[Check]:
        if self._secrets.app_token is None:
            return
        try:
            open_calls(self._settings, self._secrets.app_token, timing=Timing()).post("apps.connections.open")
        except SlackError as error:
            yield self._slack_failed("token", "SLACK_APP_TOKEN", error)
        else:
            yield self._good("token", "SLACK_APP_TOKEN", "check_app_token")

    def _slack_failed(self, part: str, name: str, error: SlackError) -> Check:
        key = "check_slack_http" if error.code.startswith("http_5") else f"check_slack_{error.code}"
        known = key if self._texts.has(f"cli.{key}") else "check_slack_error"
        return self._bad(part, name, known, code=error.code, method=error.method)

    def _scopes(self, who: Whoami) -> Iterator[Check]:
        if who.scopes is None:
            return
        wanted = [*NEEDED]
        if self._settings.slack.confirm is Confirm.REACTION:
            wanted.append("reactions:write")
        for scope in wanted:
            if scope in who.scopes:
                yield self._good("scope", scope, "check_scope")
            else:
                yield self._bad("scope", scope, "check_scope_missing", scope=scope)
        for scope, why in self._useful():
            if scope not in who.scopes:
                yield self._bad("scope", scope, f"check_{why}", scope=scope)

    def _useful(self) -> Iterator[tuple[str, str]]:
        """Scopes that this very file needs: names want lists, groups want members."""
        routes = self._settings.routes
        channels = [*self._settings.sources, *(name for route in routes for name in route.to)]
        people = [name for route in routes for name in (*route.mention, *route.allow)]
        if any(name.startswith("#") for name in channels):
            yield "channels:read", WANTED["channels:read"]
        if any("@" in name for name in people):
            yield "users:read", WANTED["users:read"]
        if any(name.startswith("S") for route in routes for name in route.allow):
            yield "usergroups:read", WANTED["usergroups:read"]
        if any(not is_standard(route.reaction) for route in routes):
            yield "emoji:read", WANTED["emoji:read"]

    def _names(self, calls: Calls, workspace: SlackWorkspace) -> Iterator[Check]:
        directory = Directory(calls)
        for source in self._settings.sources:
            yield self._channel(directory, calls, "source", source, self._can_read)
        for name in dict.fromkeys(name for route in self._settings.routes for name in route.to):
            yield self._channel(directory, calls, "destination", name, self._can_read)
        if self._settings.alerts:
            yield self._channel(directory, calls, "alerts", self._settings.alerts, self._can_read)
        for name in dict.fromkeys([route.reaction for route in self._settings.routes]):
            yield self._emoji(workspace, name)
        for name in self._people():
            yield self._person(directory, name)

    def _people(self) -> tuple[str, ...]:
        def of(route: Route) -> tuple[str, ...]:
            return (*route.mention, *route.allow)

        named = dict.fromkeys(name for route in self._settings.routes for name in of(route))
        return tuple(name for name in named if name != "here")

    def _channel(
        self,
        directory: Directory,
        calls: Calls,
        part: str,
        name: str,
        probe: Callable[[Calls, ChannelId], None],
    ) -> Check:
        try:
            found = directory.channel(name)
        except SlackError as error:
            return self._slack_failed(part, name, error)
        if found is None:
            return self._bad(part, name, "check_channel_lost", channel=name)
        info: Mapping[str, object] = {}
        try:
            answer = calls.get("conversations.info", channel=found).get("channel")
            info = answer if isinstance(answer, Mapping) else {}
        except SlackError as error:
            if error.code == "channel_not_found":
                return self._bad(part, name, "check_channel_lost", channel=name)
        if info.get("is_archived"):
            return self._bad(part, name, "check_channel_archived", channel=name)
        if info.get("is_ext_shared") and part == "destination" and not self._may_share(name):
            return self._bad(part, name, "check_channel_shared", channel=name)
        try:
            probe(calls, found)
        except SlackError as error:
            return self._slack_failed(part, name, error)
        return self._good(part, name, "check_channel" if part == "source" else "check_member", id=found)

    @staticmethod
    def _can_read(calls: Calls, channel: ChannelId) -> None:
        """Sources are read; so are destinations, where a message of ours is looked for after a crash."""
        calls.get("conversations.history", channel=channel, limit=1)

    def _may_share(self, name: str) -> bool:
        return all(route.external for route in self._settings.routes if name in route.to)

    def _emoji(self, workspace: SlackWorkspace, name: str) -> Check:
        if is_standard(name) or workspace.emoji.has(name):
            return self._good("emoji", f":{name}:", "check_emoji")
        near = nearest(name, workspace.emoji.names())
        key = "check_emoji_near" if near else "check_emoji_lost"
        return self._bad("emoji", f":{name}:", key, emoji=name, near=near or "")

    def _person(self, directory: Directory, name: str) -> Check:
        try:
            group = directory.group(name)
            user = directory.user(name) if group is None else None
        except SlackError as error:
            return self._slack_failed("person", name, error)
        if group is not None:
            return self._group(directory, name, group)
        if user is None:
            return self._bad("person", name, "check_person_lost", person=name)
        try:
            found = directory.calls.get("users.info", user=user).get("user")
        except SlackError as error:
            if error.code == "missing_scope":
                return self._good("person", name, "check_unread")
            return self._bad("person", name, "check_person_lost", person=name)
        if isinstance(found, Mapping) and found.get("deleted"):
            return self._bad("person", name, "check_person_gone", person=name)
        return self._good("person", name, "check_person")

    def _group(self, directory: Directory, name: str, group: str) -> Check:
        try:
            found = directory.calls.get("usergroups.users.list", usergroup=group).get("users")
        except SlackError as error:
            allowed = any(name in route.allow for route in self._settings.routes)
            if error.code == "missing_scope" and not allowed:
                return self._good("group", name, "check_unread")
            return self._slack_failed("group", name, error)
        count = len(found) if isinstance(found, list) else 0
        return self._good("group", name, "check_group", count=count)
