"""A reading and a transaction, composed of the rows of each subject."""

from __future__ import annotations

from sqlalchemy import Connection

from threatstamp.store.rows.base import Note
from threatstamp.store.rows.calls import CallRows, ReadCallRows
from threatstamp.store.rows.cases import CaseRows, ReadCaseRows
from threatstamp.store.rows.claims import ClaimRows
from threatstamp.store.rows.clues import ReadClueRows
from threatstamp.store.rows.copies import CopyRows, ReadCopyRows
from threatstamp.store.rows.entries import EntryRows, ReadEntryRows
from threatstamp.store.rows.feeds import FeedRows, ReadFeedRows
from threatstamp.store.rows.forwards import ForwardRows, ReadForwardRows
from threatstamp.store.rows.inbox import InboxRows, ReadInboxRows
from threatstamp.store.rows.ledger import LedgerRows, ReadLedgerRows
from threatstamp.store.rows.names import NameRows, ReadNameRows
from threatstamp.store.rows.outbox import OutboxRows, ReadBacklogRows, ReadOutboxRows
from threatstamp.store.rows.persons import PersonRows, ReadPersonRows
from threatstamp.store.rows.posts import PostRows, ReadPostRows
from threatstamp.store.rows.priorities import PriorityRows, ReadPriorityRows
from threatstamp.store.rows.publications import PublicationRows, ReadPublicationRows
from threatstamp.store.rows.records import ReadRecordRows
from threatstamp.store.rows.reviews import ReadReviewRows, ReviewRows
from threatstamp.store.rows.risks import ReadRiskRows
from threatstamp.store.rows.routes import ReadRouteRows, RouteRows
from threatstamp.store.rows.stamps import ReadStampRows, StampRows
from threatstamp.store.rows.stories import ReadStoryRows, StoryRows
from threatstamp.store.rows.tickets import ReadTicketRows, TicketRows
from threatstamp.store.rows.troubles import ReadTroubleRows, TroubleRows
from threatstamp.store.rows.vitals import ReadVitalRows, VitalRows
from threatstamp.store.rows.words import ReadWordRows


class SqlRead:
    """The Read port on one connection. Its parts have no methods that write."""

    def __init__(self, connection: Connection) -> None:
        self.inbox = ReadInboxRows(connection)
        self.posts = ReadPostRows(connection)
        self.stamps = ReadStampRows(connection)
        self.routes = ReadRouteRows(connection)
        self.forwards = ReadForwardRows(connection)
        self.outbox = ReadOutboxRows(connection)
        self.backlog = ReadBacklogRows(connection)
        self.feeds = ReadFeedRows(connection)
        self.entries = ReadEntryRows(connection)
        self.stories = ReadStoryRows(connection)
        self.publications = ReadPublicationRows(connection)
        self.clues = ReadClueRows(connection)
        self.ledger = ReadLedgerRows(connection)
        self.troubles = ReadTroubleRows(connection)
        self.vitals = ReadVitalRows(connection)
        self.names = ReadNameRows(connection)
        self.persons = ReadPersonRows(connection)
        self.records = ReadRecordRows(connection)
        self.copies = ReadCopyRows(connection)
        self.cases = ReadCaseRows(connection)
        self.risks = ReadRiskRows(connection)
        self.calls = ReadCallRows(connection)
        self.tickets = ReadTicketRows(connection)
        self.priorities = ReadPriorityRows(connection)
        self.reviews = ReadReviewRows(connection)
        self.words = ReadWordRows(connection)


class SqlTx:
    """The Tx port on one connection. notes: what happened in it, in order."""

    def __init__(self, connection: Connection) -> None:
        self.notes: list[Note] = []
        self.inbox = InboxRows(connection)
        self.posts = PostRows(connection)
        self.stamps = StampRows(connection)
        self.routes = RouteRows(connection, self.notes)
        self.forwards = ForwardRows(connection)
        self.outbox = OutboxRows(connection, self.notes)
        self.backlog = ReadBacklogRows(connection)
        self.claims = ClaimRows(connection)
        self.feeds = FeedRows(connection, self.notes)
        self.entries = EntryRows(connection)
        self.stories = StoryRows(connection)
        self.publications = PublicationRows(connection)
        self.clues = ReadClueRows(connection)
        self.ledger = LedgerRows(connection, self.notes)
        self.troubles = TroubleRows(connection)
        self.vitals = VitalRows(connection)
        self.names = NameRows(connection)
        self.persons = PersonRows(connection)
        self.copies = CopyRows(connection)
        self.cases = CaseRows(connection)
        self.calls = CallRows(connection)
        self.tickets = TicketRows(connection)
        self.priorities = PriorityRows(connection)
        self.reviews = ReviewRows(connection)
