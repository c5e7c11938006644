"""Which CVEs a source is asked about, and when again."""

from __future__ import annotations

from threatstamp.core.facts.asking import AT_ONCE, KEPT, LONGEST_WAIT, CveQuestion, to_ask
from threatstamp.core.facts.assessment import EPSS, NVD
from threatstamp.core.facts.cve import CveId
from threatstamp.core.time import MINUTE, Micros

NOW = Micros(100 * KEPT)


def question(number: int, *, tries: int = 0, asked: int | None = None, since: int = 0) -> CveQuestion:
    cve = CveId(f"CVE-2099-{number}")
    asked_at = None if asked is None else Micros(NOW - asked)
    return CveQuestion(cve=cve, since=Micros(NOW - since), tries=tries, asked_at=asked_at)


def test_what_is_new_is_asked_at_once_and_again_after_twice_as_long_each_time() -> None:
    for tries, wait in ((1, 1), (2, 2), (3, 4), (20, LONGEST_WAIT // MINUTE)):
        early, due = (question(1000, tries=tries, asked=wait * MINUTE - one) for one in (1, 0))
        assert to_ask([early, due], NVD, NOW) == (due,)
    assert to_ask([question(1000)], NVD, NOW)
    assert to_ask([question(1000, since=KEPT + 1)], NVD, NOW) == ()
    assert to_ask([question(1000)], EPSS, NOW) == ()


def test_a_source_is_asked_no_more_than_it_bears_and_about_the_newest_first() -> None:
    many = [question(1000 + age, since=age) for age in range(50)]
    tried = question(2000, tries=1, asked=MINUTE)
    asked = to_ask([tried, *reversed(many)], NVD, NOW)
    assert asked == tuple(many[: AT_ONCE[NVD]])
    assert to_ask([tried, many[0]], NVD, NOW) == (many[0], tried)
