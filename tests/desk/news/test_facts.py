"""A post says what is known of its CVEs at that moment, and costs the record nothing more."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import event

from tests.desk.news.newsroom import Newsroom, entry
from tests.support.facts import CVE, kev_said, known
from threatstamp.core.news.entry import Document, Element, Entry, Fetched

KEV = "KEV掲載：2099-11-20"
REFERENCE = Element(name="sec:references", text="", attributes=(("source", "CVE"), ("id", CVE)))


def posted(one: Entry, *, is_known: bool = True) -> Newsroom:
    """Returns a newsroom that has posted this."""
    newsroom = Newsroom()
    if is_known:
        newsroom.facts.vulnerabilities[CVE] = known(kev_said())
    newsroom.poll(Fetched(document=Document(entries=(one,))))
    return newsroom


def blocks(newsroom: Newsroom) -> str:
    return json.dumps([one.rendered.blocks for one in newsroom.slack.messages], ensure_ascii=False)


@pytest.mark.parametrize(
    "one",
    [
        entry(1, title=f"「箱舟FTP」の脆弱性（{CVE}）"),
        entry(1, summary=f"{CVE}の修正版"),
        entry(1, elements=(REFERENCE,)),
    ],
)
def test_the_ids_of_an_entry_are_looked_up_wherever_they_are(one: Entry) -> None:
    newsroom = posted(one)
    assert newsroom.facts.asked == [(CVE,)]
    assert KEV in blocks(newsroom)


def test_the_ids_of_a_title_count_alone() -> None:
    newsroom = posted(entry(1, title="CVE-2099-5678", summary=f"like {CVE}"))
    assert newsroom.facts.asked == [("CVE-2099-5678",)]


def test_facts_that_come_later_post_and_edit_nothing() -> None:
    one = entry(1, title=CVE)
    newsroom = posted(one, is_known=False)
    before = blocks(newsroom)
    newsroom.facts.vulnerabilities[CVE] = known(kev_said())
    newsroom.poll(Fetched(document=Document(entries=(one,))))
    assert len(newsroom.slack.messages) == 1
    assert (blocks(newsroom), KEV in before) == (before, False)


def test_a_look_at_facts_is_no_transaction_of_the_record() -> None:
    counts = []
    for title in ("no id", CVE):
        newsroom = Newsroom()
        begun: list[object] = []
        newsroom.facts.vulnerabilities[CVE] = known(kev_said())
        event.listen(newsroom.store.engine, "begin", begun.append)
        newsroom.poll(Fetched(document=Document(entries=(entry(1, title=title),))))
        counts.append(len(begun))
    assert counts[0] == counts[1] > 0
