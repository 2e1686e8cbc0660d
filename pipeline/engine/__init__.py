"""The engine: submit, advance one photograph, work until nothing is due. The only sequencer.

It is handed its stages and imports none; all it knows of a photograph it asks the ledger. It
raises `StoreDenied`, `ConfigError` and `LedgerError` where going on makes no sense; every other
error becomes a state of the photograph it belongs to.
"""

from __future__ import annotations

from pipeline.engine.engine import Engine
from pipeline.engine.ports import (
    Clock,
    Observer,
    RetryTimes,
    SilentObserver,
    Stages,
    with_fault_points,
)
from pipeline.engine.reconcile import Difference, Kind, adopt, differences, requeue_missing
from pipeline.engine.work import WorkResult, work

__all__ = [
    "Clock",
    "Difference",
    "Engine",
    "Kind",
    "Observer",
    "RetryTimes",
    "SilentObserver",
    "Stages",
    "WorkResult",
    "adopt",
    "differences",
    "requeue_missing",
    "with_fault_points",
    "work",
]
