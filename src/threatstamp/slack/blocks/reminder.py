"""What is said in the thread of a card: an accepted risk ends soon, or a case is open again, and why."""

from __future__ import annotations

from threatstamp.core.ids import is_user_id
from threatstamp.desk.cases.clock import CaseReminder
from threatstamp.slack.blocks.voice import Rendered, Voice, section
from threatstamp.texts.casework import cause_words
from threatstamp.texts.times import say_day


def case_reminder_blocks(saying: CaseReminder, voice: Voice) -> Rendered:
    """Returns the message; it calls owner and decider."""
    texts = voice.texts
    people = " ".join(f"<@{user}>" for user in saying.people if is_user_id(user))
    if saying.until is not None:
        day = say_day(saying.until, texts.language)
        said = texts("weighing.remind", people=people, case=saying.case, day=day)
    else:
        cause = cause_words(saying.cause, texts)
        said = texts("weighing.reopened", people=people, case=saying.case, cause=cause)
    said = said.strip()
    return Rendered(text=said, blocks=[section(said, verbatim=True)])
