"""`manifest`: an app that is made from it can do what the settings say."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands as Town
from tests.support.town import ALERT, NEWS, YAMADA

ROUTE = """
[[routes]]
reaction = "rotating_light"
to = ["#sec-alert"]
mention = ["@ciso", "@sec-team"]
"""


def scopes_of(stdout: str) -> tuple[str, ...]:
    return tuple(json.loads(stdout)["oauth_config"]["scopes"]["bot"])


def test_the_least_scopes_are_enough_for_check_and_for_a_forward(town: Town) -> None:
    town.workspace.add_user("U0CISO", "ciso", "佐藤 CISO")
    town.settle(ROUTE)
    done = town.command("manifest")
    assert done.returncode == 0
    assert "https://api.slack.com/apps?new_app=1&manifest_json=%7B" in done.stderr
    town.workspace.app.scopes = scopes_of(done.stdout)
    assert "emoji:read" not in town.workspace.app.scopes
    checked = town.command("check")
    assert checked.returncode == 0, checked.stdout
    assert town.command("sweep").returncode == 0
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    assert town.command("sweep").returncode == 0
    [forward] = town.workspace.messages(ALERT)
    assert "<!subteam^S0TEAM>" in str(forward)


def test_a_desk_whose_routes_are_in_a_spreadsheet_hears_stamps_and_finds_whomever_it_names(
    town: Town,
) -> None:
    sheets = '[sheets]\nid = "abcdefghijklmnopqrstuvwxyz0123456789"\nroutes = "routes"\n'
    town.settle("", sources=sheets)
    done = town.command("manifest")
    assert done.returncode == 0, done.stderr
    assert {"reactions:read", "users:read", "usergroups:read", "emoji:read"} <= set(scopes_of(done.stdout))
    events = json.loads(done.stdout)["settings"]["event_subscriptions"]["bot_events"]
    assert {"reaction_added", "reaction_removed"} <= set(events)
    page = town.command("handover")
    assert "Application Default Credentials" in page.stdout


def test_each_of_the_least_scopes_is_missed_by_check(town: Town) -> None:
    town.workspace.add_user("U0CISO", "ciso", "佐藤 CISO")
    town.settle(ROUTE.replace(', "@sec-team"', ""))
    least = scopes_of(town.command("manifest").stdout)
    for scope in set(least) - {"usergroups:read"}:  # only Slack knows that no @handle here is a group's
        town.workspace.app.scopes = tuple(one for one in least if one != scope)
        done = town.command("check", "--json")
        wrong = {one["name"] for one in json.loads(done.stdout)["checks"] if not one["ok"]}
        assert (done.returncode, wrong) == (1, {scope})


def test_the_full_manifest_needs_no_settings_and_private_channels_are_added_on_demand(town: Town) -> None:
    full = town.command("--config", "nowhere.toml", "manifest", "--full")
    assert full.returncode == 0
    assert town.command("--config", "nowhere.toml", "manifest").returncode == 2
    town.settle(ROUTE)
    least = scopes_of(town.command("manifest").stdout)
    private = scopes_of(town.command("manifest", "--private").stdout)
    assert set(private) - set(least) == {"groups:history", "groups:read"}
    assert set(private) < set(scopes_of(full.stdout))


def test_over_http_the_manifest_has_a_request_url_and_says_what_to_put_there(town: Town) -> None:
    town.settle(ROUTE, slack='mode = "http"')
    settings = json.loads(town.command("manifest").stdout)["settings"]
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == "https://threatstamp.example/slack/events"
    assert "https://threatstamp.example" in town.command("manifest").stderr.splitlines()[-1]
    begun = town.command("init").stdout
    assert "SLACK_SIGNING_SECRET" in begun
    assert "SLACK_APP_TOKEN" not in begun
    town.settle(ROUTE)
    assert "request_url" not in town.command("manifest").stdout
    known = town.command("manifest", "--url", "https://desk.town.example/", "--full")
    settings = json.loads(known.stdout)["settings"]
    assert not settings["socket_mode_enabled"]
    assert settings["event_subscriptions"]["request_url"] == "https://desk.town.example/slack/events"
    assert town.command("manifest", "--url", "desk.town.example").returncode == 2
