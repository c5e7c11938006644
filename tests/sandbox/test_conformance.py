"""The sandbox's answers beside Slack's own shapes, and its strictness, with the real slack_sdk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, PRIVATE, YAMADA, people
from threatstamp.sandbox import Sandbox, SandboxWorkspace, serve

SHAPES = Path(__file__).parents[2].parent / "shared/data/slack"
LEFT_OUT = ("blocks", "attachments", "files", "metadata")
NOT_SAMPLED = {  # the captured samples hold no RSS post as a thread's parent and no parent that was stamped
    ("conversations.replies", "messages[].subtype"),
    ("conversations.replies", "messages[].username"),
    *(
        ("reactions.get", f"message.{name}")
        for name in (
            "subtype",
            "username",
            "thread_ts",
            "latest_reply",
            "reply_count",
            "reply_users",
            "reply_users[]",
            "reply_users_count",
        )
    ),
}
KINDS = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    workspace = SandboxWorkspace("T0SHAPES", name="Shapes")
    people(workspace)
    workspace.add_emoji("siren", "alias:rotating_light")
    workspace.limits.off()
    with serve(workspace) as made:
        yield made


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.workspace.app.bot_token, base_url=sandbox.api_url, retry_handlers=[])


def paths(value: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Every field of an answer with its path, as the captured shapes name them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            path = f"{at}.{name}" if at else name
            if name in LEFT_OUT or inner is None:
                continue
            yield path, inner
            yield from paths(inner, path)
    elif isinstance(value, list):
        for inner in value:
            yield f"{at}[]", inner
            yield from paths(inner, f"{at}[]")


def everything(sandbox: Sandbox, client: WebClient) -> dict[str, dict[str, object]]:
    """Calls each method once, on a workspace with something of everything."""
    workspace = sandbox.workspace
    post = workspace.post_rss(NEWS, "t", "https://n.example/1", source="n")
    workspace.post(NEWS, "reply", user=YAMADA, thread_ts=post)
    workspace.react(YAMADA, NEWS, post, "eyes")
    posted = client.chat_postMessage(
        channel=ALERT, text="x", metadata={"event_type": "e", "event_payload": {}}
    )
    ts = str(posted["ts"])
    app = WebClient(token=workspace.app.app_token, base_url=sandbox.api_url)
    answers = {
        "auth.test": client.auth_test(),
        "apps.connections.open": app.apps_connections_open(app_token=workspace.app.app_token),
        "chat.postMessage": posted,
        "chat.update": client.chat_update(channel=ALERT, ts=ts, text="y"),
        "chat.postEphemeral": client.chat_postEphemeral(channel=ALERT, user=YAMADA, text="z"),
        "chat.getPermalink": client.chat_getPermalink(channel=NEWS, message_ts=post),
        "conversations.history": client.conversations_history(channel=NEWS, limit=1),
        "conversations.replies": client.conversations_replies(channel=NEWS, ts=post),
        "conversations.info": client.conversations_info(channel=NEWS),
        "conversations.list": client.conversations_list(limit=2),
        "conversations.members": client.conversations_members(channel=NEWS),
        "conversations.join": client.conversations_join(channel=NEWS),
        "users.conversations": client.users_conversations(),
        "reactions.add": client.reactions_add(channel=NEWS, timestamp=post, name="eyes"),
        "reactions.get": client.reactions_get(channel=NEWS, timestamp=post, full=True),
        "reactions.remove": client.reactions_remove(channel=NEWS, timestamp=post, name="eyes"),
        "users.info": client.users_info(user=YAMADA),
        "users.list": client.users_list(),
        "usergroups.list": client.usergroups_list(),
        "usergroups.users.list": client.usergroups_users_list(usergroup="S0TEAM"),
        "team.info": client.team_info(),
        "bots.info": client.bots_info(bot=workspace.app.bot_id),
        "chat.delete": client.chat_delete(channel=ALERT, ts=ts),
    }
    return {name: dict(answer.data) for name, answer in answers.items()}  # type: ignore[arg-type]


def test_every_field_is_known_to_slack_with_that_type(sandbox: Sandbox, client: WebClient) -> None:
    file = SHAPES / "web-api-shapes.json"
    if not file.exists():
        pytest.skip("the captured shapes are not here (../shared/data/slack)")
    shapes = json.loads(file.read_text(encoding="utf-8"))
    wrong = [
        f"{method}: {path} is {KINDS[type(value)]}, Slack has {shapes[method].get(path, 'nothing of the name')}"
        for method, answer in everything(sandbox, client).items()
        for path, value in paths(answer)
        if (method, path) not in NOT_SAMPLED and not _fits(shapes[method].get(path), value)
    ]
    assert wrong == []


def _fits(known: str | None, value: object) -> bool:
    kind = KINDS[type(value)]
    return (
        known == kind or (known == "dict" and kind == "object") or (known == "number" and kind == "integer")
    )


@pytest.mark.parametrize("method", ["no.such.method", "chat.unfurl"])
def test_an_unknown_method_is_an_error(client: WebClient, method: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method)
    assert caught.value.response["error"] == "unknown_method"


def test_an_unknown_argument_is_an_error(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.api_call("chat.postMessage", json={"channel": ALERT, "text": "x", "chanel": "y"})
    assert caught.value.response["error"] == "invalid_arguments"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": ALERT}, "no_text"),
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": ALERT, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": ALERT, "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        ({"channel": ALERT, "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"channel": ALERT, "text": "x", "blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"channel": ALERT, "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ],
)
def test_a_message_that_slack_would_refuse_is_refused(
    client: WebClient, arguments: dict[str, object], error: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.api_call("chat.postMessage", json=arguments)
    assert caught.value.response["error"] == error


def test_membership_archives_and_private_channels_are_held(sandbox: Sandbox, client: WebClient) -> None:
    workspace = sandbox.workspace
    workspace.leave(ALERT)
    workspace.leave(PRIVATE)
    for channel, error in ((ALERT, "not_in_channel"), (PRIVATE, "channel_not_found")):
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=channel, text="x")
        assert caught.value.response["error"] == error
    workspace.archive(NEWS)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=NEWS, text="x")
    assert caught.value.response["error"] == "is_archived"


def test_scopes_and_tokens_are_held(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.app.scopes = ("chat:write",)
    with pytest.raises(SlackApiError) as caught:
        client.conversations_history(channel=NEWS)
    assert (caught.value.response["error"], caught.value.response["needed"]) == (
        "missing_scope",
        "channels:history",
    )
    for token, error in (
        ("xoxb-other", "invalid_auth"),
        (sandbox.workspace.app.app_token, "not_allowed_token_type"),
    ):
        with pytest.raises(SlackApiError) as caught:
            WebClient(token=token, base_url=sandbox.api_url).auth_test()
        assert caught.value.response["error"] == error


def test_pages_and_metadata_and_time_windows(sandbox: Sandbox, client: WebClient) -> None:
    stamps = [sandbox.workspace.post(NEWS, str(number), user=YAMADA) for number in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        answer = client.conversations_history(channel=NEWS, limit=2, cursor=cursor)
        seen += [message["text"] for message in answer["messages"]]
        cursor = (answer.get("response_metadata") or {"next_cursor": ""})["next_cursor"]
        if not cursor:
            break
    assert seen == ["4", "3", "2", "1", "0"]
    newer = client.conversations_history(channel=NEWS, oldest=stamps[3])["messages"]
    assert [message["text"] for message in newer] == ["4"]
    both = client.conversations_history(channel=NEWS, oldest=stamps[3], inclusive=True)["messages"]
    assert len(both) == 2
    client.chat_postMessage(
        channel=NEWS, text="m", metadata={"event_type": "e", "event_payload": {"key": "k"}}
    )
    assert "metadata" not in client.conversations_history(channel=NEWS, limit=1)["messages"][0]
    shown = client.conversations_history(channel=NEWS, limit=1, include_all_metadata=True)["messages"][0]
    assert shown["metadata"]["event_payload"] == {"key": "k"}


def test_rate_limits_answer_429_with_retry_after(sandbox: Sandbox, client: WebClient) -> None:
    sandbox.workspace.limits.on = True

    def many() -> None:
        for _ in range(20):
            client.chat_postMessage(channel=ALERT, text="x")

    with pytest.raises(SlackApiError) as caught:
        many()
    assert caught.value.response.status_code == 429
    assert float(caught.value.response.headers["Retry-After"]) > 0


def test_another_sites_page_cannot_reach_it(sandbox: Sandbox) -> None:
    import urllib.error
    import urllib.request

    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        request = urllib.request.Request(f"{sandbox.url}/sandbox/state", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        assert caught.value.code == 403
        caught.value.close()


def test_blocks_that_are_too_long_together_are_refused(client: WebClient) -> None:
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": "x" * 1_000}]}
    blocks = [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_list", "style": "bullet", "elements": [line] * 20}],
        }
    ]
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=NEWS, text="x", blocks=blocks)
    assert caught.value.response["error"] == "msg_blocks_too_long"


def test_the_date_of_its_answers_goes_with_the_clock(client: WebClient) -> None:
    """A desk reads Slack's clock off it: one that stood still would make it look back ever further."""

    def date() -> str:
        headers = {name.lower(): value for name, value in client.api_test().headers.items()}
        return str(headers["date"])

    first = date()
    assert wait(lambda: date() != first, HANG)
