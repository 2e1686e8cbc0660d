"""Looking after the ledger's file: is it whole, a copy of it, a damaged one out of the way."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pipeline.errors import LedgerDamaged
from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite.maintenance import (
    Problem,
    ProblemKind,
    back_up,
    move_aside,
    problems_of,
)
from pipeline.settings import Settings

__all__ = ["ledger_aside", "ledger_backup", "ledger_problems"]

BACKUP_FOLDER: Final = "backups"


def ledger_problems(settings: Settings) -> list[Problem]:
    """Return everything that is wrong with the ledger.

    Raises:
        LedgerError: it cannot be opened, or there is none.
    """
    return problems_of(settings.home / LEDGER_FILE)


def ledger_backup(settings: Settings, target: Path | None, stamp: str) -> Path:
    """Copy the ledger while it is in use, and give the copy's place.

    Raises:
        LedgerError: it cannot be read, or the copy cannot be written.
    """
    target = target or settings.home / BACKUP_FOLDER / f"ledger-{stamp}.sqlite3"
    back_up(settings.home / LEDGER_FILE, target)
    return target


def ledger_aside(settings: Settings, stamp: str) -> Path | None:
    """Move a ledger that is damaged out of the way; None where there is none or it is whole.

    Raises:
        LedgerError: it cannot be read though it is not damaged, a process that uses it is alive,
            or it cannot be moved.
    """
    file = settings.home / LEDGER_FILE
    return move_aside(file, stamp) if file.exists() and _is_damaged(file) else None


def _is_damaged(file: Path) -> bool:
    try:
        return any(problem.kind is ProblemKind.DAMAGED for problem in problems_of(file))
    except LedgerDamaged:
        return True
