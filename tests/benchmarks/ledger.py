"""What a ledger takes that is empty, and one that has a million photographs.

    python -m tests.benchmarks.ledger [--rows 1000000] [--old FOLDER] [--keep FOLDER] [--tidy]

A ledger is made as a studio would have filled it in years (`tests/ledger/synthetic.py`), in the
tables of the version before, and brought forward: that is the migration. Then an empty one and the
full one are worked with in turns, photograph by photograph: received, checked, prepared, sent,
stored, each state durable. The folder of `--old` is a checkout of an earlier commit, which is
measured beside it with a ledger in its own tables. With `--tidy` the full one is tidied in the end,
which takes minutes. Times are of the processor, for others share the machine, except those of the
commands, which are what a person waits. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, nullcontext
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from pipeline.home import LEDGER_FILE
from pipeline.ledger.sqlite.schema import VERSION
from tests import posix
from tests.benchmarks.ledger_at_work import STORE
from tests.ledger.synthetic import make, path_of

HERE: Final = Path(__file__).resolve().parents[2]
OLD_VERSION: Final = 2


SHOP = {**os.environ, "BIGCOMMERCE_STORE_HASH": "abc", "BIGCOMMERCE_ACCESS_TOKEN": "none"}
"""Whose photographs they are; nothing here asks it anything."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--old", type=Path, help="a checkout of an earlier commit, to compare with")
    parser.add_argument("--batches", type=int, default=8)
    parser.add_argument("--of-one", type=int, default=6_000)
    parser.add_argument("--lines", type=int, default=50_000, help="so many of a list are read")
    parser.add_argument("--tidy", action="store_true", help="tidy the full ledger in the end")
    parser.add_argument("--keep", type=Path, help="where the ledgers are made, and stay")
    asked = parser.parse_args()
    place = nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory(prefix="ledger-")
    with place as folder:
        print(json.dumps(measured(Path(folder), asked), indent=2))


def measured(folder: Path, asked: argparse.Namespace) -> dict[str, object]:
    """Return the figures of this program, and of the earlier one."""
    full = folder / "full"
    file = _made(full, asked.rows, 5)
    found: dict[str, object] = {"rows": asked.rows}
    found["migration_s"] = _migrated(full)
    found["bytes_a_photograph"] = round(file.stat().st_size / asked.rows)
    found["commands"] = {
        " ".join(words): _command(full, asked.lines, *words)
        for words in (
            ("status",),
            ("list",),
            ("list", "--json"),
            ("list", "--state", "failed"),
            ("history", path_of(asked.rows // 2)),
        )
    }
    found["at_work"] = _at_work(HERE, folder, asked, VERSION)
    if asked.old is not None:
        found["at_work_before"] = _at_work(asked.old, folder / "before", asked, OLD_VERSION)
    if asked.tidy:
        words = ("ledger", "tidy", "--older-than", "1d", "--yes")
        found["tidying"] = _command(full, asked.lines, *words)
        found["bytes_a_photograph_tidied"] = round(file.stat().st_size / asked.rows)
    return found


def _made(home: Path, rows: int, version: int) -> Path:
    file = home / LEDGER_FILE
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        # In a process of its own: a child is said to have had the memory that its parent had.
        making = get_context("spawn").Process(target=_make, args=(file, rows, version))
        making.start()
        making.join()
    return file


def _make(file: Path, rows: int, version: int) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        make(connection, STORE, rows, version=version)


def _migrated(home: Path) -> dict[str, float]:
    began = time.monotonic()
    words = ("status", "--json")
    ended = subprocess.run(
        _words(home, *words), cwd=HERE, env=SHOP, check=True, capture_output=True
    )
    return {"wall": round(time.monotonic() - began, 2), "lines_said": ended.stderr.count(b"\n")}


def _command(home: Path, asked_lines: int, *words: str) -> dict[str, float]:
    """Return the wait for the first line and for the end, in seconds, and the memory, in MB.

    No more lines are read than were asked for: after them nobody reads on.
    """
    began = time.monotonic()
    with subprocess.Popen(
        _words(home, *words), cwd=HERE, env=SHOP, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        second = process.stdout.readline()
        first = time.monotonic() - began
        lines = 2
        while second and lines < asked_lines and process.stdout.readline():
            lines += 1
        process.stdout.close()
        _, _, used = posix.wait4(process.pid, 0)
        process.returncode = 0
    return {
        "first_line_s": round(first, 3),
        "lines_read": lines,
        "all_s": round(time.monotonic() - began, 2),
        "rss_mb": round(used.ru_maxrss / 1000, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 3),
    }


def _at_work(
    program: Path, folder: Path, asked: argparse.Namespace, version: int
) -> dict[str, Any]:
    """Return what the empty ledger, and the full one, take of a program, and the ratio of both."""
    script = str(HERE / "tests" / "benchmarks" / "ledger_at_work.py")
    sizes = {"empty": 0, "full": asked.rows}
    files = [str(_made(folder / name, rows, version)) for name, rows in sizes.items()]
    known = path_of(asked.rows // 2)
    words = [sys.executable, script, *files, known, str(asked.batches), str(asked.of_one)]
    environment = {**os.environ, "PYTHONPATH": str(program)}
    ended = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    found = json.loads(ended.stdout)
    ratios = {
        f"{what}_rate_full_by_empty": round(found["empty"][took] / found["full"][took], 3)
        for what, took in (("wall", "photograph_wall_ms"), ("cpu", "photograph_ms"))
    }
    return {**found, **ratios}


def _words(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "pipeline", *words, "--home", str(home)]


if __name__ == "__main__":
    main()
