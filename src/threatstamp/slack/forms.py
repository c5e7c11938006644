"""Forms of cases in Slack: opened at once, as their trigger lives three seconds, and read when submitted."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.desk.cases.act import Acting
from threatstamp.desk.ports.roles import may_look
from threatstamp.desk.ports.tools import Couriers, Tools
from threatstamp.desk.views.cases import read_case
from threatstamp.slack.blocks.dialog import Dialog, dialog_view
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.interactions import Opening, Submitted, is_of, read_submission
from threatstamp.slack.reading import Loose

log = logging.getLogger(__name__)

OPENERS = 4


class Forms:
    """Opens forms, in threads of its own, and says what is wrong with those that are submitted."""

    def __init__(self, tools: Tools, *, cases: Acting, workspace: SlackWorkspace, couriers: Couriers) -> None:
        self._tools = tools
        self._cases = cases
        self._workspace = workspace
        self._couriers = couriers
        self._openers = ThreadPoolExecutor(OPENERS, thread_name_prefix="forms")

    def open(self, opening: Opening) -> None:
        """Opens a form, once: after a failure the person is told what else they can do."""
        self._openers.submit(self._open, opening)

    def read(self, body: Loose) -> Submitted | Mapping[str, object] | None:
        """Returns what a form asks for, or the answer to somebody who has to correct it; None if not ours."""
        voice = self._workspace.voice
        found = read_submission(
            body, today=voice.today(self._tools.clock.now()), rules=self._tools.policy.cases
        )
        if isinstance(found, Submitted) and is_of(body, Dialog.HISTORY):
            return self._push_risk(found)
        if found is None or isinstance(found, Submitted):
            return found
        errors = {name: voice.texts(f"casework.{problem}") for name, problem in found.items()}
        return {"response_action": "errors", "errors": errors}

    def _push_risk(self, read: Submitted) -> Mapping[str, object] | None:
        """Returns the form that the button beneath a case's history leads to."""
        found = read_case(self._tools.store, read.case, self._tools.policy.scales)
        if found is None:
            return {"response_action": "clear"}
        view = dialog_view(Dialog.RISK, found, self._workspace.voice, channel=read.channel)
        return {"response_action": "push", "view": view}

    def close(self) -> None:
        self._openers.shutdown(wait=False, cancel_futures=True)

    def _open(self, opening: Opening) -> None:
        try:
            found = read_case(self._tools.store, opening.case, self._tools.policy.scales)
            if found is None:
                log.warning("a form was asked for a case that is not known: %d", opening.case)
                return
            sees_all = opening.dialog is not Dialog.HISTORY or may_look(self._tools, opening.user)
            view = dialog_view(
                opening.dialog, found, self._workspace.voice, channel=opening.channel, may_look=sees_all
            )
            self._workspace.open_form(opening.trigger, view)
        except (SlackError, StoreError) as error:
            log.warning("a form could not be opened: %s", error)
            self._tell(opening)
        except Exception:
            log.exception("a form could not be made")
            self._tell(opening)

    def _tell(self, opening: Opening) -> None:
        try:
            key = f"unopened|{opening.trigger}"
            self._cases.tell_unopened(opening.case, by=opening.user, channel=opening.channel, key=key)
        except StoreError as error:
            log.warning("nor could anybody be told: %s", error)
            return
        self._couriers.wake()
