"""The ledger: the queue, the memory and the report.

Takes arrivals and what was achieved of them; gives claims, photographs and counts. The contract
is the Protocol `Ledger`, and `LedgerReader` the part of it for whoever only asks;
`pipeline.ledger.sqlite` opens the one that is kept in one file. Raises `LedgerError` where the
ledger cannot be read or written, `LostClaim` where somebody else has the photograph.
"""

from __future__ import annotations

from pipeline.ledger.port import Ledger, LedgerReader
from pipeline.values import HistoryLine

__all__ = ["HistoryLine", "Ledger", "LedgerReader"]
