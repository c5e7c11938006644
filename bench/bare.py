"""The baseline: a Bolt handler that posts at once and records nothing."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient


def main() -> None:
    count = int(sys.argv[2])
    client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=sys.argv[1])
    app = App(client=client)

    @app.event("reaction_added")
    def forward(event: dict[str, Any]) -> None:
        name = str(event["reaction"])
        if name.startswith("route") and int(name[5:]) < count:
            client.chat_postMessage(channel=f"C1D{int(name[5:]):03d}", text=f"stamp <@{event['user']}>")

    @app.event("message")
    def ignore() -> None:
        """The sandbox tells of posts as well."""

    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).client.connect()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
