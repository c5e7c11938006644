"""Whatever Slack answers to a forward, and whatever the desk will not send, an operator reads it in words."""

from __future__ import annotations

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, YAMADA
from threatstamp.slack.codes import SORTED, Sort, sort_of
from threatstamp.texts.catalogue import Language, Texts, room_messages
from threatstamp.texts.codes import say_code

FINAL = sorted(
    code for code in room_messages(Language.EN, "codes") if code in SORTED and sort_of(code) is Sort.FINAL
)


@pytest.mark.thorough
def test_a_refusal_by_slack_is_said_in_words_with_its_code(town: Town) -> None:
    town.settle()
    run = town.start()
    posts = [town.post(f"記事{code}", f"https://news.example/{code}") for code in FINAL]
    for code, post in zip(FINAL, posts, strict=True):
        town.workspace.faults.add("chat.postMessage", "error", channel=ALERT, error=code)
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        assert wait(lambda code=code: code in undeliverable(town), HANG), (code, undeliverable(town))
    said = town.command("status").stdout
    assert [code for code in FINAL if say_code(Texts(Language.JA), code) not in said] == []
    assert run.health.unready() == ()


def undeliverable(town: Town) -> list[str]:
    with town.store.reading() as read:
        return [one.error for one in read.backlog.undeliverable()]
