"""The ledger in a database that understands SQL, as seen by a process that may hold claims."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from pipeline.errors import LedgerError
from pipeline.ledger.arranging import SqlArranging
from pipeline.ledger.assigning import SqlAssigning
from pipeline.ledger.beside import SqlBeside
from pipeline.ledger.catalogue import SqlCatalogue
from pipeline.ledger.changes import Writer
from pipeline.ledger.database import Database, Owner
from pipeline.ledger.holding import SqlHolding
from pipeline.ledger.journal import SqlJournal
from pipeline.ledger.known import SqlKnownFiles
from pipeline.ledger.meetings import SqlMeetings
from pipeline.ledger.owners import SqlOwners
from pipeline.ledger.parking import SqlParking
from pipeline.ledger.queue import SqlQueue
from pipeline.ledger.reports import SqlReports
from pipeline.ledger.run_report import SqlRunReport
from pipeline.ledger.same_pictures import SqlSamePictures
from pipeline.ledger.transitions import SqlTransitions

__all__ = ["SqlLedger"]


class SqlLedger(
    SqlAssigning,
    SqlBeside,
    SqlKnownFiles,
    SqlRunReport,
    SqlQueue,
    SqlOwners,
    SqlParking,
    SqlHolding,
    SqlTransitions,
    SqlSamePictures,
    SqlMeetings,
    SqlJournal,
    SqlArranging,
    SqlCatalogue,
    SqlReports,
):
    """See `pipeline.ledger.port.Ledger` for what each method promises."""

    def __init__(
        self, database: Database, owner: Owner, store: str, now: Callable[[], datetime]
    ) -> None:
        """Write down that this process may hold claims.

        Args:
            database: with the ledger's tables.
            owner: this process.
            store: the identity of the store whose photographs are meant.
            now: gives aware UTC.

        Raises:
            LedgerError: it cannot be written.
        """
        Writer.__init__(self, database, owner, store, now)
        SqlReports.__init__(self, database, store)
        self._enter()

    def when_durable(self, then: Callable[[], None]) -> None:
        self._database.when_durable(then)

    def make_durable(self) -> None:
        self._database.make_durable()

    def close(self) -> None:
        # Where that cannot be written down any more, the next process sees that this one is dead.
        with suppress(LedgerError), self._database.writing() as transaction:
            self._leave(transaction, self._owner.id)
        self._owner.leave()
        super().close()
