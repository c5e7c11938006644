"""The answer to `why-not`: a line a step for people, a table for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from threatstamp.core.news.marking import label_beside
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.why_not import Step, WhyNot
from threatstamp.render.matching import match_body, product_words, standing_words, why_lines
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.codes import say_code

Call = Callable[[str], str]


def why_not_lines(found: WhyNot, texts: Texts, *, say: Callable[[Micros], str], call: Call) -> Iterator[str]:
    """Yields the steps of each story, then what is not about one. say, call: words of times and channels."""
    yield texts("whynot.title", cve=found.cve)
    for story in found.stories:
        yield ""
        label = label_beside(story.title, found.markings.get(story.id))
        title = " ".join(filter(None, (label, one_line(story.title))))
        yield texts("whynot.story", title=title, source=story.source)
        yield from _lines([one for one in found.steps if one.story == story.id], texts, say, call)
    yield ""
    yield from _lines([one for one in found.steps if one.story is None], texts, say, call)


def _lines(steps: list[Step], texts: Texts, say: Callable[[Micros], str], call: Call) -> Iterator[str]:
    for step in steps:
        time = texts("whynot.now") if step.at is None else say(step.at)
        yield "  " + texts("whynot.step", time=time, what=step_words(step, texts, call))
        if step.match is not None:
            yield from (f"  {line}" for line in why_lines(step.match, texts))


def step_words(step: Step, texts: Texts, call: Call) -> str:
    """Returns a step as a sentence."""
    values = dict(step.values)
    if "channel" in values:
        values["channel"] = call(values["channel"])
    if "error" in values:
        error = values["error"]
        values["error"] = texts("whynot.error", error=say_code(texts, error)) if error else ""
    if "source" in values and step.why == "fact":
        values["source"] = _source(values["source"], texts)
    if step.match is not None:
        values["product"] = product_words(step.match, texts)
        values["standing"] = standing_words(step.match, texts)
    return texts(f"whynot.{step.why}", **values)


def _source(name: str, texts: Texts) -> str:
    key = f"matching.source_{name}"
    return texts(key) if texts.has(key) else name


def why_not_body(found: WhyNot, texts: Texts, *, call: Call) -> dict[str, object]:
    """Returns the answer for programs: `step` and `reason` are words of ours, `text` is a sentence."""
    return {
        "cve": found.cve,
        "stories": [
            {
                "id": one.id,
                "title": one.title,
                "link": one.link,
                "source": one.source,
                "tlp": found.markings.get(one.id),
            }
            for one in found.stories
        ],
        "steps": [
            {
                "at": None if one.at is None else utc_text(one.at),
                "step": one.kind.value,
                "reason": one.why,
                "story": one.story,
                "text": step_words(one, texts, call),
                **one.values,
                "match": None if one.match is None else match_body(one.match, texts),
            }
            for one in found.steps
        ],
    }
