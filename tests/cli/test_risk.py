"""`risk`: from the command line, without Slack."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands


def test_a_risk_is_added_listed_reviewed_and_closed(town: TownWithCommands) -> None:
    town.settle()
    town.start()
    added = town.command(
        "risk", "add", "古いVPN装置", "--by", "@ciso", "--before", "high", "--until", "2020-01-31"
    )
    assert (added.returncode, "R1" in added.stdout) == (0, True)
    [risk] = json.loads(town.command("risk", "list", "--overdue", "--json").stdout)["risks"]
    assert (risk["risk"], risk["before"], risk["overdue"]) == ("R1", "high", True)
    assert town.command("risk", "review", "1", "--by", "@ciso", "--until", "2099-01-31").returncode == 0
    assert json.loads(town.command("risk", "list", "--overdue", "--json").stdout) == {"risks": []}
    assert "古いVPN装置" in town.command("risk", "show", "r1").stdout
    assert town.command("risk", "review", "R1", "--by", "@ciso", "--close").returncode == 0
    assert "R1" not in town.command("risk", "list").stdout
    assert "R1" in town.command("risk", "list", "--all").stdout
    assert town.command("risk", "show", "R9").returncode == 1
    assert town.command("risk", "add", "x", "--by", "somebody").returncode == 2
    assert town.command("ledger", "verify", "--records").returncode == 0
