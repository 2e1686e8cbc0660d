"""The ledgers that are held to the contract: each opens one and the same ledger again and again.

A second kind of ledger is one more class here and one more entry in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.ledger.sqlite.maintenance import problems_of
from tests.makers import ManualClock

__all__ = ["KINDS", "STORE", "Opener"]

STORE: Final = "api.example.com/stores/abc/v3"


class Opener(Protocol):
    """Opens one ledger as a process does; it can be handed to another process."""

    def __call__(self, clock: ManualClock) -> Ledger:
        """Return the ledger, opened once more; the caller closes it."""
        ...

    def problems(self) -> Sequence[str]:
        """Return in what it contradicts itself."""
        ...


@dataclass(frozen=True, slots=True)
class SqliteOpener:
    """The ledger in one file."""

    folder: Path

    def __call__(self, clock: ManualClock) -> Ledger:
        return open_ledger(self._file, STORE, "run", clock.now)

    def problems(self) -> Sequence[str]:
        if not self._file.exists():
            return ()
        return [problem.sentence for problem in problems_of(self._file)]

    @property
    def _file(self) -> Path:
        return self.folder / "ledger.sqlite3"


KINDS: Final[dict[str, Callable[[Path], Opener]]] = {"sqlite": SqliteOpener}
"""By name, what makes the opener of an empty ledger, given a folder of its own."""
