"""Other processes at the same ledger: real ones, that tell their progress and can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ledger.conftest import STORE

__all__ = ["another_process"]

_PRELUDE = f"""
import sqlite3, sys
from pathlib import Path
from pipeline.claimable import ANYBODYS
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Step
from tests.makers import ManualClock, arrival, inspection, original
from tests.makers import picture, placement, stored_image
file = Path(sys.argv[1])
def opened():
    return open_ledger(file, {STORE!r}, "run", ManualClock().now)
def say(word):
    print(word, flush=True)
"""

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def another_process(file: Path, program: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program on the ledger while the block lasts; it is killed where it has not ended.

    It may use `opened()` for the ledger, the makers, and `say(word)`; its first word is waited
    for, and `input()` waits for a line from here.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _PRELUDE + program, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "it failed: see its standard error"
            yield process
        finally:
            process.kill()
