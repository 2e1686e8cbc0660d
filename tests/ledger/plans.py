"""What SQLite says of each statement that it is given: which tables it reads from end to end."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

__all__ = ["Plans"]

EXPLAINED: Final = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")

LARGE: Final = (
    "photos|arrivals|history|attempts|files|same_pictures|met_images|on_their_way|proposed_names"
    "|batches|changes"
)
"""The tables that grow with the photographs."""


@dataclass
class Plans:
    """Opens SQLite's connections for the ledger, and has every statement explained.

    `read_whole` holds each statement that reads a large table from end to end, with the line of the
    plan that says so; `steps` what SQLite's machine had to do, to the hundred.
    """

    read_whole: dict[str, str] = field(default_factory=dict)
    steps: int = 0

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have connections opened by way of this."""
        stand_in = SimpleNamespace(**{**vars(sqlite3), "connect": self._connect})
        monkeypatch.setattr("pipeline.ledger.sqlite.connection.sqlite3", stand_in)

    def _connect(self, file: Path, **given: Any) -> sqlite3.Connection:
        plans = self

        class Explained(sqlite3.Connection):
            def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
                if statement.lstrip().upper().startswith(EXPLAINED):
                    explained = super().execute(f"EXPLAIN QUERY PLAN {statement}", values)
                    plans.judge(statement, [str(row[3]) for row in explained])
                return super().execute(statement, values)

        connection = sqlite3.connect(file, factory=Explained, **given)
        connection.set_progress_handler(self._count, 100)
        return connection

    def judge(self, statement: str, plan: list[str]) -> None:
        """Note a statement whose plan reads a large table from end to end."""
        aliases = _aliases(statement)
        for line in plan:
            words = line.split()
            if words[0] == "SCAN" and words[1] in aliases:
                self.read_whole[statement] = line

    def _count(self) -> int:
        self.steps += 100
        return 0


def _aliases(statement: str) -> Mapping[str, str]:
    """Return the large tables of a statement by the names that it gives them."""
    named = re.findall(rf"\b({LARGE})\b(?:\s+(?:AS\s+)?([a-z])\b)?", statement)
    return {alias or table: table for table, alias in named}
