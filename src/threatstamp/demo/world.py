"""The invented company of the demo: its people, channels, posts, and its settings file."""

from __future__ import annotations

import json
import time
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from threatstamp.sandbox import Workspace
from threatstamp.texts.catalogue import Language

NEWS = "C0NEWS"
TEAM = "T0DEMO"


class World:
    """A workspace full of people and posts, in one language."""

    def __init__(self, language: Language) -> None:
        text = files(__package__).joinpath("worlds", f"{language.value}.toml").read_text(encoding="utf-8")
        self._world: dict[str, Any] = tomllib.loads(text)
        self.language = language
        self.workspace = Workspace(TEAM, language=language.value, name="Threatstamp Demo")
        self.posts: list[str] = []
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
        for talk in self._world["talk"]:
            workspace.post(
                talk["channel"], talk["text"], user=talk["user"], at=now - 3600 * talk["hours_ago"]
            )

    def name_of(self, user: str) -> str:
        return self.workspace.users[user].display_name

    def write_settings(self, folder: Path, api_url: str) -> Path:
        """Writes the file that the real desk runs with."""
        lines = [
            f'language = "{self.language.value}"',
            'alerts = "#sec-ops"',
            "[slack]",
            f'api_url = "{api_url}"',
            "[[sources]]",
            'channel = "#security-news"',
        ]
        for route in self._world["routes"]:
            lines.append("[[routes]]")
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in route.items()]
        path = folder / "threatstamp.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path
