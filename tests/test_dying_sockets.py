"""The socket dies over a click, a form or a command, which Slack does not send again: the person can tell."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, SATO, YAMADA
from tests.test_cases import ROUTES, card, shown
from threatstamp.desk.record.compare import compare_records
from threatstamp.sandbox.refusal import RefusedError

SECONDS = 10
"""Within so many the person sees that there was no answer."""


class Person:
    """What somebody sees while the socket dies over what they do."""

    def __init__(self, town: Town, fate: str) -> None:
        self.town, self.fate = town, fate
        self.seen: list[str] = []

    def does(self, act: Callable[[], object], happened: Callable[[], object]) -> None:
        """Does it, sees that nothing was answered, and does it again, as people do.

        happened: whether it is there to be seen.
        """
        sockets, known = self.town.workspace.sockets, len(self.seen)
        sockets.die_over_interaction(self.fate)
        patience = threading.Timer(SECONDS, self.seen.append, ("too late",))
        patience.start()
        act()
        assert wait(lambda: self.seen[known:], HANG)
        patience.cancel()
        assert self.seen[known] == "unanswered"
        if self.fate == "unreached":
            assert not happened()
        assert self.fate == "unreached" or wait(happened, HANG)
        assert wait(lambda: sockets.count, HANG)
        with suppress(RefusedError):  # the card has no such button any more
            act()
        assert wait(happened, HANG)

    def hear(self, news: dict[str, object]) -> None:
        if news["type"] == "unanswered":
            self.seen.append("unanswered")


@pytest.fixture(params=["unreached", "unanswered"])
def person(request: pytest.FixtureRequest, town: Town) -> Iterator[Person]:
    made = Person(town, request.param)
    stop = town.workspace.listen(made.hear)
    yield made
    stop()


def test_what_gets_no_answer_did_not_happen_or_happened_once_and_doing_it_again_is_safe(
    town: Town, person: Person
) -> None:
    town.settle(ROUTES)
    town.start()
    workspace = town.workspace
    workspace.react(YAMADA, NEWS, town.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(town, "#1", "未着手")["ts"])

    def moves(act: str) -> list[object]:
        return [entry for entry in town.ledger("case_moved") if f'"act":"{act}"' in (entry.body or "")]

    person.does(lambda: workspace.click(SATO, ALERT, ts, "case_take"), lambda: moves("take"))
    card(town, "確認中", SATO)
    workspace.click(SATO, ALERT, ts, "case_menu", "note|1")
    workspace.wait_for(lambda: workspace.view(SATO))
    person.does(lambda: workspace.submit(SATO, {"text": "対象は3台"}), lambda: moves("note"))
    workspace.wait_for(lambda: workspace.view(SATO) is None)  # it stayed open until it was answered
    said = "/threatstamp case priority 1 high 外部に公開"
    person.does(lambda: workspace.command(SATO, ALERT, said), lambda: moves("priority"))
    workspace.wait_for(lambda: workspace.ephemerals(ALERT, SATO))
    town.wait_until_quiet()
    assert [one["what"] for one in shown(town)["history"]] == ["open", "take", "note", "priority"]
    assert town.ledger("case_denied") == []
    assert compare_records(town.store).first is None
