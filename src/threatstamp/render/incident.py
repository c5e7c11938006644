"""All that is on record about a matter, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from threatstamp.core.cases.risk import Risk
from threatstamp.core.news.trail import PostTrail
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros, utc_text
from threatstamp.desk.views.cases import CaseView
from threatstamp.desk.views.incident import Incident
from threatstamp.desk.views.search import FoundPost
from threatstamp.render.cases import case_body
from threatstamp.render.search import found_body, found_title
from threatstamp.render.unseen import clean
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.times import say_day

Say = Callable[[Micros], str]
Call = Callable[[str], str]
_MARKS = re.compile(r"([\\`*_\[\]<>#|!&])")


def incident_lines(found: Incident, texts: Texts, *, say: Say, call: Call, zone: str) -> Iterator[str]:
    """Yields a page of Markdown. say, call: words of times and channels. zone: of the times."""
    yield texts("search.incident_title", what=_plain(found.sought.what))
    yield ""
    if found.marking is not None:
        yield texts("search.incident_marking", label=found.marking.label)
        yield ""
    yield texts("search.incident_zone", zone=zone)
    yield ""
    others = [one.strip('"') for one in found.sought.names[1:]]
    if others:
        yield texts("search.incident_names", names=_plain(texts("slack.joint").join(others)))
        yield ""
    yield texts("search.incident_cases", count=len(found.cases))
    yield ""
    for case in found.cases:
        yield from _case(case, texts, say)
    yield from _end(bool(found.cases), texts)
    yield texts("search.incident_risks", count=len(found.risks))
    yield ""
    for risk in found.risks:
        yield _risk(risk, texts)
    yield from _end(bool(found.risks), texts)
    yield texts("search.incident_stories", count=len(found.stories) + found.left_out)
    yield ""
    for story in found.stories:
        yield from _story(story, texts, say, call)
    if found.left_out:
        yield texts("search.incident_more", count=found.left_out)
    yield from _end(bool(found.stories), texts)


def incident_body(found: Incident) -> dict[str, object]:
    """Returns it for programs, times in UTC."""
    return {
        "what": found.sought.what,
        "tlp": found.marking,
        "names": [one.strip('"') for one in found.sought.names],
        "stories": [
            {**found_body(one), "on_posts": [_post_body(post) for post in one.posts]} for one in found.stories
        ],
        "left_out": found.left_out,
        "cases": [case_body(one) for one in found.cases],
        "risks": [
            {
                "risk": one.key,
                "title": one.title,
                "owner": one.owner,
                "since": one.since.isoformat(),
                "accepted_until": one.accepted_until.isoformat() if one.accepted_until else None,
                "case": one.case,
                "closed": one.is_closed,
            }
            for one in found.risks
        ],
    }


def _case(one: CaseView, texts: Texts, say: Say) -> Iterator[str]:
    case, decided = one.case, one.decided
    yield texts(
        "search.incident_case",
        case=case.number,
        title=_plain(one.title) or texts("cases.untitled"),
        state=texts(f"cases.state_{case.state.value}"),
        owner=clean(case.owner or "") or texts("cases.nobody"),
    )
    if decided is not None:
        choice = texts(f"cases.wish_{decided.wish.name}")
        yield texts(
            "search.incident_decided",
            at=say(decided.at),
            choice=choice,
            who=clean(decided.by),
            reason=_plain(decided.wish.reason) or texts("search.no_reason"),
        )
    if one.permalink:
        yield f"  - <{clean(one.permalink)}>"


def _risk(one: Risk, texts: Texts) -> str:
    until = say_day(one.accepted_until, texts.language) if one.accepted_until else texts("search.no_end")
    owner = clean(one.owner or "") or texts("cases.nobody")
    key = "search.incident_risk_closed" if one.is_closed else "search.incident_risk"
    return texts(key, risk=one.key, title=_plain(one.title), owner=owner, until=until)


def _story(one: FoundPost, texts: Texts, say: Say, call: Call) -> Iterator[str]:
    title, source = _plain(found_title(one, texts)), _plain(one.source)
    yield texts("search.incident_story", at=say(one.at), title=title, source=source)
    link = one.permalink or one.link
    if link:
        yield f"  - <{clean(link)}>"
    for post in one.posts:
        for stamp in post.stamps:
            key = f"search.incident_{stamp.kind}"
            yield texts(key, at=say(stamp.at), reaction=stamp.reaction, channel=call(post.channel))
        for forward in post.forwards:
            sent = forward.sent
            at = say(sent.delivered_at or sent.ordered_at)
            yield texts("search.incident_forward", at=at, channel=call(forward.destination))


def _post_body(post: PostTrail) -> dict[str, object]:
    return {
        "channel": post.channel,
        "ts": post.ts,
        "stamps": [
            {"at": utc_text(one.at), "reaction": one.reaction, "kind": one.kind} for one in post.stamps
        ],
        "forwards": [
            {"route": one.route, "to": one.destination, "state": one.sent.state} for one in post.forwards
        ],
    }


def _end(has_some: bool, texts: Texts) -> Iterator[str]:
    if not has_some:
        yield texts("search.incident_none")
    yield ""


def _plain(text: str) -> str:
    """Returns text from outside for Markdown: nothing in it formats, links or begins a line."""
    return _MARKS.sub(r"\\\1", clean(one_line(text)))
