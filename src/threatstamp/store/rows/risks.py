"""The register of accepted risks: no table of its own, but what cases and the ledger's entries amount to."""

from __future__ import annotations

from datetime import tzinfo
from heapq import merge

from threatstamp.core.cases.case import Case, CaseState
from threatstamp.core.cases.risk import Risk, accepted_risk, fold_risks
from threatstamp.core.cases.weighing import card_of
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.text import one_line
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.cases import ReadCaseRows
from threatstamp.store.rows.ledger import ReadLedgerRows
from threatstamp.store.rows.posts import ReadPostRows


class ReadRiskRows(Rows):
    """The ReadRisks port."""

    def every(self, zone: tzinfo) -> tuple[Risk, ...]:
        cases = ReadCaseRows(self.connection).every(states=(CaseState.ACCEPTED,))
        ledger = ReadLedgerRows(self.connection)
        kinds = (ledger.entries(kind=kind.value) for kind in (Kind.RISK, Kind.RISK_REVIEWED))
        entries = merge(*kinds, key=lambda entry: entry.sequence)
        return fold_risks([self._accepted(case, zone) for case in cases], entries)

    def _accepted(self, case: Case, zone: tzinfo) -> Risk:
        post = ReadPostRows(self.connection).get(case.place)
        snapshot = post.snapshot if post else None
        title = one_line(snapshot.title or snapshot.text) if snapshot else ""
        decided = card_of(case, ReadCaseRows(self.connection).moves(case.number), None).decided
        return accepted_risk(case, decided, title=title, zone=zone)
