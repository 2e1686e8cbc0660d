"""Two processes at one ledger: none overtakes the one that waits."""

from __future__ import annotations

import subprocess
import sys
import time
from io import FileIO
from pathlib import Path

import pytest

from pipeline.ledger.sqlite.connection import SqliteDatabase
from pipeline.ledger.sqlite.gate import POLITE_SECONDS, Gate
from tests.stories.commands import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no folder can be locked there")

BUSY = """
import sys, threading
from pathlib import Path
from pipeline.ledger.sqlite.connection import SqliteDatabase

database = SqliteDatabase(Path(sys.argv[1]))
over = threading.Event()

def write(name):
    number = 0
    while not over.is_set():
        with database.writing(deferred=number % 4 > 0) as transaction:
            transaction.run(
                "INSERT INTO owners (id, pid, host, door, started_at) VALUES (:id, 1, '', '', '')",
                id=f"{name} {number}",
            )
        number += 1

threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
print("at work", flush=True)
sys.stdin.read()
over.set()
for thread in threads:
    thread.join()
database.close()
"""


def commits(header: FileIO) -> int:
    """Return SQLite's own count of what was committed (its file format, "file change counter")."""
    header.seek(24)
    return int.from_bytes(header.read(4), "big")


def test_a_process_that_never_rests_lets_another_write_after_the_next_commit(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ledger.sqlite3"
    database = SqliteDatabase(file)
    # Once, for to close it would let go of the locks that this process has on the file.
    header = FileIO(file)
    busy = subprocess.Popen(
        [sys.executable, "-c", BUSY, str(file)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert busy.stdin is not None
    assert busy.stdout is not None
    try:
        busy.stdout.readline()
        overtaken = []
        for number in range(30):
            time.sleep(0.02)
            before = commits(header)
            with database.writing() as transaction:
                overtaken.append(commits(header) - before)
                transaction.run("DELETE FROM owners WHERE id = :id", id=f"a {number}")
    finally:
        busy.stdin.close()
        busy.wait(30)
        busy.stdout.close()
        database.close()
        header.close()
    # One may be under way, and one may have begun while the other was on its way to the gate.
    assert sorted(overtaken)[-3] <= 2, overtaken


def test_who_was_stopped_in_the_gate_keeps_nobody_out_for_long(tmp_path: Path) -> None:
    stopped, other = Gate(tmp_path), Gate(tmp_path)
    with stopped:
        began = time.monotonic()
        with other:
            assert POLITE_SECONDS <= time.monotonic() - began < 20 * POLITE_SECONDS
    with other:
        pass
    stopped.close()
    other.close()
