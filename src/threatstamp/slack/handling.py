"""What an event that was kept comes to: a stamp, an act on a case, an answer to a call, an edit."""

from __future__ import annotations

import json
from dataclasses import replace

from threatstamp.core.cases.call import BY_SIGN
from threatstamp.core.cases.case import CaseAct, Way, Wish
from threatstamp.core.cases.details import LONGEST_REASON, Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.errors import SlackError, UnsettledError
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.turn import Reaction, TurnKind
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.cases.calling import Answered, Calling, NewCall
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.desk.ports.tools import Couriers, Tools
from threatstamp.desk.priority.exposing import Exposing, GivenExposure
from threatstamp.desk.stamps.asking import Confirmation, take_confirmation
from threatstamp.desk.stamps.revise import take_deletion, take_edit
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.events import Click, PostDeleted, PostEdited, read_event
from threatstamp.slack.interactions import Submitted
from threatstamp.slack.reviewing import ReviewClick, Reviewing

SETTLES = 5
"""How often an emoji is put back because a message may be one of ours, which takes about a minute."""


class Handling:
    """Processes kept events; one that comes again counts once."""

    def __init__(
        self,
        tools: Tools,
        *,
        stamps: TakeStamps,
        cases: Acting,
        calling: Calling,
        exposing: Exposing,
        workspace: SlackWorkspace,
        couriers: Couriers,
    ) -> None:
        self._tools = tools
        self._stamps = stamps
        self._cases = cases
        self._calling = calling
        self._exposing = exposing
        self._workspace = workspace
        self._couriers = couriers
        self._reviewing = Reviewing(tools, workspace)

    def handle(self, kept: InboxEvent) -> None:
        """Raises ValueError for what cannot be understood; UnsettledError; StoreError; SlackError."""
        body = json.loads(kept.body)
        team = self._workspace.team
        arrival = read_event(body, team=team, canonical=self._workspace.emoji.canonical)
        match arrival:
            case Reaction():
                if not self._take_sign(arrival, kept):
                    self._take_reaction(arrival, kept)
            case Click():
                self._click(arrival, kept)
            case Submitted():
                self._submit(arrival, kept)
            case ReviewClick():
                self._reviewing.take(arrival, event=kept.id)
            case NewCall() | Answered() | GivenExposure() | Confirmation():
                self._take_word(arrival, kept)
            case PostEdited():
                self._workspace.recent.forget(arrival.place)
                take_edit(arrival.place, arrival.snapshot, event=kept.id, tools=self._tools)
            case PostDeleted():
                self._workspace.recent.forget(arrival.place)
                take_deletion(arrival.place, event=kept.id, tools=self._tools)
            case None:
                with self._tools.store.transaction() as tx:
                    tx.inbox.forget(kept.id)

    def _take_word(self, word: NewCall | Answered | GivenExposure | Confirmation, kept: InboxEvent) -> None:
        match word:
            case NewCall():
                self._calling.send(word, event=kept.id)
            case Answered():
                self._calling.answer(word, event=kept.id)
            case GivenExposure():
                self._exposing.answer(word, event=kept.id)
            case Confirmation():
                take_confirmation(word, event=kept.id, tools=self._tools)
        self._couriers.wake()

    def _take_sign(self, reaction: Reaction, kept: InboxEvent) -> bool:
        """Takes an emoji on a card or a call as what it says; False if it is nothing of the kind."""
        # first: what is settled by now is found below
        is_unsettled = self._is_unsettled(reaction, kept)
        if not self._take_said(reaction, kept):
            if is_unsettled:
                raise UnsettledError(reaction.place.channel)
            return False
        return True

    def _is_unsettled(self, reaction: Reaction, kept: InboxEvent) -> bool:
        """True if an emoji may be meant for a card or a call whose delivery is under way, or was cut off."""
        policy, place = self._tools.policy, reaction.place
        if place.channel in policy.sources or kept.attempts > SETTLES:  # a stamp is never held up
            return False
        is_act = place.channel in policy.cards and reaction.reaction in policy.signs
        is_answer = place.channel in policy.announce_to and reaction.reaction in BY_SIGN
        if not is_act and not is_answer:
            return False
        with self._tools.store.reading() as read:
            return read.outbox.is_unsettled(place.team, place.channel)

    def _take_said(self, reaction: Reaction, kept: InboxEvent) -> bool:
        if reaction.place.channel in self._tools.policy.announce_to and self._take_answer(reaction, kept):
            return True
        name = self._tools.policy.signs.get(reaction.reaction)
        if name is None or reaction.user == self._tools.policy.me:
            return False
        if name == CaseAct.NOTE:
            return self._take_note(reaction, kept)
        number = self._cases.find(reaction.place)
        if number is None:
            return False
        if reaction.mark.kind is TurnKind.WITHDRAWAL:  # what was done is not undone by it
            with self._tools.store.transaction() as tx:
                tx.inbox.forget(kept.id)
            return True
        place = reaction.place
        attempt = Attempt(
            case=number,
            wish=WISHES[name],
            by=reaction.user,
            way=Way.EMOJI,
            key=f"emoji|{place.channel}|{place.ts}|{reaction.reaction}|{reaction.mark.at}",
            channel=place.channel,
        )
        self._act(attempt, kept)
        return True

    def _take_answer(self, reaction: Reaction, kept: InboxEvent) -> bool:
        """Takes an emoji on a call as an answer; False if the message is none. What was said stays said."""
        place = reaction.place
        call = self._calling.find(place)
        if call is None:
            return False
        answer = BY_SIGN.get(reaction.reaction)
        if answer is None or reaction.mark.kind is TurnKind.WITHDRAWAL or reaction.user == self._workspace.me:
            with self._tools.store.transaction() as tx:
                tx.inbox.forget(kept.id)
            return True
        given = Answered(
            call=call,
            answer=answer,
            user=reaction.user,
            channel=place.channel,
            way=Way.EMOJI,
            key=f"answer|{place.channel}|{place.ts}|{reaction.reaction}|{reaction.mark.at}",
        )
        self._calling.answer(given, event=kept.id)
        self._couriers.wake()
        return True

    def _take_note(self, reaction: Reaction, kept: InboxEvent) -> bool:
        """Keeps a message of a card's thread as a note; False if it is nothing of the kind."""
        place = reaction.place
        number, message = None, None
        if place.channel in self._tools.policy.cards and reaction.mark.kind is TurnKind.STAMP:
            message = self._read(place)
        if message is not None and message.thread_ts not in (None, place.ts):
            number = self._cases.find(replace(place, ts=message.thread_ts or place.ts))
        if number is None or message is None:
            return False
        wish = Wish(
            act=CaseAct.NOTE,
            reason=message.text[:LONGEST_REASON],
            details=Details(author=message.author),
        )
        attempt = Attempt(
            case=number,
            wish=wish,
            by=reaction.user,
            way=Way.EMOJI,
            key=f"note|{place.channel}|{place.ts}",
            channel=place.channel,
        )
        self._act(attempt, kept)
        return True

    def _read(self, place: Place) -> Snapshot | None:
        try:
            return self._workspace.look_up(place)
        except SlackError as error:
            if error.permanent:  # it was deleted meanwhile
                return None
            raise

    def _submit(self, submitted: Submitted, kept: InboxEvent) -> None:
        if not submitted.wishes:  # nothing was changed in it
            with self._tools.store.transaction() as tx:
                tx.inbox.forget(kept.id)
        last = len(submitted.wishes) - 1
        for at, wish in enumerate(submitted.wishes):
            attempt = Attempt(
                case=submitted.case,
                wish=wish,
                by=submitted.user,
                way=Way.DIALOG,
                key=f"{submitted.key}|{at}",
                channel=submitted.channel,
                seen=submitted.seen,
            )
            self._cases.act(attempt, event=kept.id if at == last else None)
        self._couriers.wake()

    def _click(self, click: Click, kept: InboxEvent) -> None:
        attempt = Attempt(
            case=click.case,
            wish=click.wish,
            by=click.user,
            way=Way.BUTTON,
            key=click.key,
            channel=click.channel,
            seen=click.seen,
        )
        self._act(attempt, kept)

    def _act(self, attempt: Attempt, kept: InboxEvent) -> None:
        self._cases.act(attempt, event=kept.id)
        self._couriers.wake()

    def _take_reaction(self, reaction: Reaction, kept: InboxEvent) -> None:
        may_claim = self._couriers.is_free
        outcome = self._stamps.reaction(reaction, event=kept.id, may_claim=may_claim)
        self._couriers.hand(outcome.claims, since=outcome.since)
        if outcome.more:
            self._couriers.wake()
