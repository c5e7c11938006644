"""Settings of cases, with the names in them found in Slack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from threatstamp.config.cases import CasesSettings
from threatstamp.config.tracks import TrackSettings
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.ids import ChannelId, TrackName
from threatstamp.core.policy import MORNING, People, Policy, Reminding
from threatstamp.slack.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """What the policy has of cases."""

    deciders: People
    analysts: People
    viewers: People
    admins: People
    reminding: Reminding
    rules: CaseRules
    announce_to: frozenset[ChannelId]
    tracks: Mapping[TrackName, TrackPlan]

    @property
    def channels(self) -> frozenset[ChannelId]:
        """The channels in which cases are spoken of, beside those of their cards."""
        morning = () if self.reminding.channel is None else (self.reminding.channel,)
        handed = (one.channel for one in self.tracks.values() if one.channel is not None)
        return frozenset({*morning, *self.announce_to, *handed})

    def into(self, policy: Policy) -> Policy:
        """Returns a policy with it."""
        return replace(
            policy,
            deciders=self.deciders,
            analysts=self.analysts,
            viewers=self.viewers,
            admins=self.admins,
            reminding=self.reminding,
            cases=self.rules,
            announce_to=self.announce_to,
            tracks=self.tracks,
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
        viewers=_people(cases.viewers, directory),
        admins=_people(cases.admins, directory),
        reminding=Reminding(
            at=cases.morning or MORNING,
            channel=channel if cases.morning is not None else None,
            days=cases.remind,
        ),
        rules=cases.rules,
        announce_to=frozenset(one for one in announced if one is not None),
        tracks={one.plan.name: _bind_track(one, directory) for one in cases.tracks},
    )


def _bind_track(track: TrackSettings, directory: Directory) -> TrackPlan:
    return replace(
        track.plan,
        lead=tuple(directory.mention(name) for name in track.lead),
        channel=directory.known_channel(track.channel) if track.channel else None,
    )


def _people(named: tuple[str, ...], directory: Directory) -> People:
    """Returns who has a role."""
    users, groups = directory.people(named)
    return People(users=users, groups=groups, is_anybody=not named)
