"""What a scanner found makes a story relevant, though it names no product."""

from __future__ import annotations

from threatstamp.config.kinds import kind_rules
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.facts.cve import CveId


def test_a_story_about_what_a_scanner_found_concerns_us() -> None:
    relevance = Relevance(NameFinder([]), (), kind_rules(), [CveId("CVE-2099-1234")])
    assert relevance.concerns("A flaw (cve-2099-1234)", "", ())
    assert relevance.concerns("A flaw", "See CVE-2099-1234.", ())
    assert not relevance.concerns("A flaw (CVE-2099-5678)", "It is unlike CVE-2099-1234.", ())
