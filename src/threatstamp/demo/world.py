"""The invented company of the demo: its people, channels, posts, feeds, and its settings file."""

from __future__ import annotations

import json
import time
import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from threatstamp.demo.publishers import read_happenings, read_publishers
from threatstamp.sandbox import SandboxWorkspace
from threatstamp.texts.catalogue import Language, Texts

NEWS = "C0NEWS"
TEAM = "T0DEMO"


class World:
    """A workspace full of people and posts, in one language."""

    def __init__(self, language: Language) -> None:
        text = files(__package__).joinpath("worlds", f"{language.value}.toml").read_text(encoding="utf-8")
        self._world: dict[str, Any] = tomllib.loads(text)
        self.language = language
        self.workspace = SandboxWorkspace(TEAM, language=language.value, name="Threatstamp Demo")
        self.posts: list[str] = []
        self.publishers = read_publishers(self._world, now=datetime.now(UTC))
        self.later = read_happenings(self._world)
        self._fill()

    def _fill(self) -> None:
        workspace, now = self.workspace, time.time()
        for user in self._world["users"]:
            workspace.add_user(user["id"], user["name"], user["display_name"], title=user["title"])
        for group in self._world["groups"]:
            workspace.add_group(group["id"], group["handle"], group["members"], name=group["name"])
        for channel in self._world["channels"]:
            workspace.add_channel(channel["id"], channel["name"])
        for post in self._world["posts"]:
            at = now - 3600 * post["hours_ago"]
            self.posts.append(
                workspace.post_rss(
                    NEWS, post["title"], post["link"], source=post["source"], summary=post["summary"], at=at
                )
            )
        texts = Texts(self.language)
        workspace.shortcuts.append({"callback_id": "threatstamp_case", "words": texts("home.shortcut")})
        workspace.commands[NEWS] = "/threatstamp search CVE"
        for route in self._world["routes"]:
            for channel in (one for one in workspace.channels.values() if f"#{one.name}" in route["to"]):
                workspace.commands |= {channel.id: "/threatstamp case list"} if "case" in route else {}
        workspace.legend += [self._explained(route) for route in self._world["routes"]]
        for talk in self._world["talk"]:
            workspace.post(
                talk["channel"], talk["text"], user=talk["user"], at=now - 3600 * talk["hours_ago"]
            )

    def _explained(self, route: dict[str, Any]) -> dict[str, object]:
        """Returns what the page says of a stamp: where its posts go, and who may use it."""
        groups = self.workspace.groups
        allowed = [groups[one].name for one in route.get("allow", ()) if one in groups]
        to = ", ".join(route["to"])
        name = "demo.legend_only" if allowed else "demo.legend" if to else "demo.legend_nowhere"
        words = Texts(self.language)(name, route=route["name"], channels=to, people=", ".join(allowed))
        return {"emoji": route["reaction"], "words": words, "channel": NEWS}

    def name_of(self, user: str) -> str:
        return self.workspace.users[user].display_name

    def write_settings(self, folder: Path, api_url: str, *, feeds_url: str) -> Path:
        """Writes the file that the real desk runs with."""
        lines = [
            *_lines(language=self.language.value, alerts="#sec-ops"),
            "[slack]",
            *_lines(api_url=api_url),
            "[fetch]",
            *_lines(allow_private=["127.0.0.0/8"]),
            "[[sources]]",
            *_lines(channel="#security-news"),
        ]
        for publisher in self.publishers:
            url = f"{feeds_url}{publisher.path}"
            lines += ["[[feeds]]", *_lines(name=publisher.name, url=url, channel="#security-news")]
            lines += _lines(every="1m", backlog=publisher.backlog, **publisher.register)
        for route in self._world["routes"]:
            lines += ["[[routes]]", *_lines(**route)]
        lines += ["[cases]", *_lines(**self._world["cases"])]
        for product in self._world["products"]:
            lines += ["[[products]]", *_lines(**product)]
        for rule in self._world["rules"]:
            (when,) = rule["when"].items()
            said = {f"when.{when[0]}": when[1], "raise_to": rule["raise_to"], "reason": rule["reason"]}
            lines += ["[[policy.rules]]", *_lines(**said)]
        path = folder / "threatstamp.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def _lines(**values: object) -> list[str]:
    return [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
