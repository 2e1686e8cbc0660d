"""The ledger's contract: what every ledger promises, whatever it is kept in.

What a method records is one transaction, and durable when it returns. Every change of a claimed
photograph needs the claim on it and is a compare-and-set: where the claim was lost, or the state
is not the expected one, `LostClaim` is raised and nothing is changed. Every change adds one line
to the photograph's history. All methods raise `LedgerError` where the ledger cannot be read or
written.
"""

from __future__ import annotations

from typing import Protocol

from pipeline.ledger.port.arranging import Arranging, ByHand, Decision
from pipeline.ledger.port.arrivals import Arrivals, KnownFiles
from pipeline.ledger.port.assigning import Assigned, Assigning, Obstacle
from pipeline.ledger.port.beside import Beside
from pipeline.ledger.port.catalogue import Catalogue
from pipeline.ledger.port.durability import Durability
from pipeline.ledger.port.forgetting import Forgetting
from pipeline.ledger.port.holding import Holding
from pipeline.ledger.port.journal import Journal, JournalReader
from pipeline.ledger.port.meetings import Meetings
from pipeline.ledger.port.owners import Owners
from pipeline.ledger.port.parking import Parking
from pipeline.ledger.port.queue import Queue
from pipeline.ledger.port.reports import LedgerReader, Reports, Tidying
from pipeline.ledger.port.transitions import Transitions

__all__ = [
    "Arranging",
    "Arrivals",
    "Assigned",
    "Assigning",
    "Beside",
    "ByHand",
    "Catalogue",
    "Decision",
    "Durability",
    "Forgetting",
    "Holding",
    "Journal",
    "JournalReader",
    "KnownFiles",
    "Ledger",
    "LedgerReader",
    "Meetings",
    "Obstacle",
    "Owners",
    "Parking",
    "Queue",
    "Reports",
    "Tidying",
    "Transitions",
]


class Ledger(
    Durability,
    Arrivals,
    Assigning,
    Beside,
    KnownFiles,
    Queue,
    Owners,
    Parking,
    Holding,
    Transitions,
    Meetings,
    Journal,
    Arranging,
    Catalogue,
    LedgerReader,
    Protocol,
):
    """The queue, the memory and the report of one store, as seen by one process."""
