"""The scene of one case, from the stamp until it is done."""

from __future__ import annotations

from functools import partial

from threatstamp.demo.stage import PATIENCE, Message, Stage, text_of
from threatstamp.demo.world import NEWS

SERVER, STAMPER, OWNER, DECIDER = "C0SERVER", "U0YAMADA", "U0SATO", "U0SUZUKI"


class Casework:
    """Somebody stamps, somebody takes it, the CISO decides with risk beside effort, and it gets done."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._workspace = stage.workspace
        self._ts = ""

    def play(self) -> None:
        stage = self._stage
        cve = next(one.listed for one in stage.company.world.later if one.listed)
        own = self._workspace.app.user_id
        post = stage.see(NEWS, lambda message: message.get("user") == own and cve in text_of(message))
        self._workspace.react(STAMPER, NEWS, str(post["ts"]), "wrench")
        card = stage.see(SERVER, lambda message: cve in text_of(message) and "case_take" in text_of(message))
        self._ts = str(card["ts"])
        stage.say("case", person=stage.name(STAMPER), emoji="🔧", channel=stage.channel(SERVER))
        self._take()
        self._decide()
        self._finish()

    def _take(self) -> None:
        stage = self._stage
        self._workspace.click(OWNER, SERVER, self._ts, "case_take")
        self._see("state_assessing")
        self._fill(
            OWNER, "case_open_impact", impact="yes", effort="6h", reason=stage.texts("demo.case_reason")
        )
        self._see("state_waiting")
        stage.say("taken", person=stage.name(OWNER), hours="6")
        stage.show_message(self._card())

    def _decide(self) -> None:
        stage = self._stage
        self._workspace.click(DECIDER, SERVER, self._ts, "case_open_decide")
        form = self._workspace.wait_for(lambda: self._workspace.view(DECIDER) or {}, PATIENCE)
        stage.say("weighed", person=stage.name(DECIDER))
        stage.show_message(form)
        self._workspace.submit(DECIDER, {"choice": "now"})
        self._see("state_responding")
        stage.say("decided", person=stage.name(DECIDER))

    def _finish(self) -> None:
        stage = self._stage
        self._fill(OWNER, "case_open_done", effort="5h")
        self._see("state_done")
        stage.say("done", person=stage.name(OWNER), hours="5")
        stage.show_message(self._card())

    def _fill(self, user: str, action: str, **values: str) -> None:
        """Opens a form by its button, fills it in and submits it."""
        self._workspace.click(user, SERVER, self._ts, action)
        self._workspace.wait_for(partial(self._workspace.view, user), PATIENCE)
        self._workspace.submit(user, values)
        self._workspace.wait_for(lambda: self._workspace.view(user) is None, PATIENCE)

    def _see(self, state: str) -> None:
        words = self._stage.texts(f"cases.{state}") + self._stage.texts("slack.joint")
        self._stage.see(SERVER, lambda message: message["ts"] == self._ts and words in text_of(message))

    def _card(self) -> Message:
        return self._workspace.shown(SERVER, self._ts)
