"""Settings of cases, with the names in them found in Slack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from threatstamp.config.cases import CasesSettings
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.ids import ChannelId
from threatstamp.core.policy import MORNING, Deciders, Policy, Reminding
from threatstamp.slack.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """What the policy has of cases."""

    deciders: Deciders
    analysts: Deciders
    reminding: Reminding
    rules: CaseRules
    announce_to: frozenset[ChannelId]

    @property
    def channels(self) -> frozenset[ChannelId]:
        """The channels in which cases are spoken of, beside those of their cards."""
        morning = () if self.reminding.channel is None else (self.reminding.channel,)
        return frozenset({*morning, *self.announce_to})

    def into(self, policy: Policy) -> Policy:
        """Returns a policy with it."""
        return replace(
            policy,
            deciders=self.deciders,
            analysts=self.analysts,
            reminding=self.reminding,
            cases=self.rules,
            announce_to=self.announce_to,
        )


def bind_casework(cases: CasesSettings, directory: Directory, *, alerts: ChannelId | None) -> Casework:
    """Returns what the settings of cases mean. alerts: where the morning line goes if it has no channel.

    Raises SlackError while the workspace cannot be read.
    """
    channel = directory.known_channel(cases.morning_channel) if cases.morning_channel else alerts
    announced = map(directory.known_channel, cases.announce_to)
    return Casework(
        deciders=_people(cases.deciders, directory),
        analysts=_people(cases.analysts, directory),
        reminding=Reminding(
            at=cases.morning or MORNING,
            channel=channel if cases.morning is not None else None,
            days=cases.remind,
        ),
        rules=cases.rules,
        announce_to=frozenset(one for one in announced if one is not None),
    )


def _people(named: tuple[str, ...], directory: Directory) -> Deciders:
    """Returns who may do something; if nobody is named, everybody may."""
    users, groups = directory.people(named)
    return Deciders(users=users, groups=groups, is_anybody=not named)
