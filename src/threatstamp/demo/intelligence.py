"""The scenes about a story: who tells it, what changes, whether it is ours, and how urgent it is."""

from __future__ import annotations

from functools import partial

from threatstamp.core.facts.cve import cves_in
from threatstamp.demo.publishers import Happening
from threatstamp.demo.stage import Message, Stage, text_of
from threatstamp.demo.world import NEWS

WHY = "why_priority"


class Intelligence:
    """One story from its first post to its highest priority, and two flaws that the house rules raise."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._later = stage.company.world.later

    @property
    def _listed(self) -> Happening:
        return next(one for one in self._later if one.listed)

    @property
    def _post(self) -> Message:
        """The post of the story; its title changes, its CVE stays."""
        own = self._stage.workspace.app.user_id
        posts = self._stage.workspace.messages(NEWS)
        return next(one for one in posts if one.get("user") == own and self._listed.listed in text_of(one))

    def joining(self) -> None:
        """Two more publishers tell the story, one of them in another language: there is one post."""
        stage, ts = self._stage, str(self._post["ts"])
        self._see(self._listed.listed, stage.texts("concern.priority_high"))
        others = [stage.advance() for _ in range(2)]
        stage.show("poll")
        for one in others:
            stage.see(NEWS, partial(_has, one.link), thread=ts)
            self._see(self._listed.listed, one.feed)
        stage.once_only(self._listed.listed)
        stage.say("told", count=len(others) + 1)
        stage.show_message(self._post)

    def listing(self) -> None:
        """The catalogue is loaded as anybody would; the priorities follow by themselves."""
        happening = self._stage.advance()
        printed = self._stage.company.load_listing(happening)
        self._stage.show_lines(["$ threatstamp vulns update kev --from kev.json", *printed.splitlines()])

    def raised(self) -> None:
        stage, ts = self._stage, str(self._post["ts"])
        after = stage.texts("concern.said_critical")
        line = stage.see(NEWS, partial(_has, after), thread=ts)
        self._see(self._listed.listed, stage.texts("concern.priority_critical"))
        stage.say("listed", cve=self._listed.listed)
        stage.show_message(self._post)
        stage.show_message(line)

    def why(self) -> None:
        stage, user = self._stage, "U0SATO"
        told = self._answer(self._post, user, self._listed.listed)
        stage.say("why", person=stage.name(user), button=stage.texts("concern.why_button"))
        stage.show_words(told)

    def rules(self) -> None:
        """One for browsers, and one for scores above 9.0: the table alone would have said less."""
        stage, at = self._stage, self._later.index(self._listed)
        stage.say("rules")
        for flaw, raised in zip(self._later[at + 1 : at + 3], ("high", "critical"), strict=True):
            found = self._see(flaw.title, stage.texts(f"concern.priority_{raised}"))
            stage.show_message(found)
            [cve] = cves_in(flaw.title)
            told = self._answer(found, "U0SATO", cve)
            after = stage.texts(f"concern.said_{raised}")
            stage.show_words("\n".join(line for line in told.splitlines() if f"→ {after}" in line))

    def _answer(self, post: Message, user: str, cve: str) -> str:
        """Presses the button below a post; returns what the person is told of its CVE."""
        self._stage.workspace.click(user, NEWS, str(post["ts"]), WHY)
        return str(self._stage.see_private(NEWS, user, lambda one: cve in text_of(one))["text"])

    def _see(self, *words: str) -> Message:
        return self._stage.see(NEWS, lambda message: all(one in text_of(message) for one in words))


def _has(words: str, message: Message) -> bool:
    return words in text_of(message)
