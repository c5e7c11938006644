"""Everything that can be done with a case has a second way, and a command says just what a form says."""

from __future__ import annotations

from datetime import date

import click
import pytest

from threatstamp.cli.case import command as case_command
from threatstamp.config.cases import CasesSettings
from threatstamp.core.cases.case import CaseAct, Choice, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import BY_STAMP, RULES, WISHES
from threatstamp.core.ids import UserId
from threatstamp.core.priority.urgency import Priority
from threatstamp.slack.commands import Command, WrongCommandError, read_command

REST = {
    "hand_over": "<@U0SATO|sato> 休暇",
    "priority": "high 公開サーバ",
    "due": "2026-12-24",
    "respond": "更新を案内",
    "note": "対象は3台",
    "risk": "旧機種が残る --risk low",
    "check": "2",
    "ticket": "<https://tickets.example/7|#7>",
    "uncheck": "2 やり直し",
    "reopen": "再発",
}
ACTS = sorted(name for name, wish in WISHES.items() if wish.act not in BY_STAMP)


@pytest.mark.parametrize("name", ACTS)
def test_each_act_has_a_slash_command_and_a_command_line_and_an_emoji_where_it_is_plain(name: str) -> None:
    wish = WISHES[name]
    words = [wish.act.value.replace("_", "-"), "7", wish.choice.value if wish.choice else REST.get(name, "")]
    found = read_command("case " + " ".join(words))
    assert found.number == 7
    assert found.wish is not None
    assert found.wish.name == name
    rule = next(rule for rule in RULES if rule.wish.name == name)
    assert not rule.needs or getattr(found.wish.details, rule.needs) is not None
    assert isinstance(case_command, click.Group)
    assert words[0] in case_command.commands
    is_plain = not rule.needs and not rule.with_reason
    assert (name in CasesSettings().signs.values()) is (is_plain or name == "note")


def test_a_decision_brings_its_details_in_any_order() -> None:
    found = read_command("case decide #3 plan 次の --effort 6 保守で --until=2026-12-24 --risk high")
    details = Details(until=date(2026, 12, 24), effort="6h", risk=Priority.HIGH)
    wish = Wish(act=CaseAct.DECIDE, choice=Choice.PLAN, reason="次の 保守で", details=details)
    assert found == Command(number=3, wish=wish)
    assert read_command("case  list") == Command()
    assert read_command("case list mine") == Command(mine=True)
    assert read_command("case show 12") == Command(number=12)
    given = read_command("case hand-over 3 <@U0SATO>").wish
    assert given is not None
    assert given.details.to == UserId("U0SATO")


@pytest.mark.parametrize(
    "text",
    [
        *("", "help", "case", "case frobnicate 1", "case take", "case take x", "case take -1"),
        *("case withdraw 1", "case return 1", "case decide 1", "case decide 1 perhaps", "case due 1 soon"),
        *("case hand-over 1 sato", "case priority 1 urgent x", "case done 1 --effort many"),
    ],
)
def test_what_is_not_understood_is_named(text: str) -> None:
    with pytest.raises(WrongCommandError):
        read_command(text)
