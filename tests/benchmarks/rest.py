"""What a watcher takes while nothing happens: processor time a minute, and wake-ups a second.

    python -m tests.benchmarks.rest [--files 1000 10000 100000] [--minutes 2]

A folder of files that the ledger knows is watched by the program of today and by its first version
at the same time, each with its own home, until the first scan is long over; then their processor
time and their switches of context are read from /proc, of all their threads, before and after some
minutes. Worker processes and the shop are apart. Neither may have taken anything in.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from pipeline.home import LEDGER_FILE
from pipeline.store_address import StoreAddress
from tests import posix
from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.localstore.process import StoreProcess
from tests.stories.commands import until

GOALS: Final = {"CPU s a minute": 0.2, "wake-ups a second": 2.0}

IN_A_FOLDER: Final = 50

SCANNED_AFTER: Final = 30.0
"""Seconds after the start; the first scan of 100,000 files takes some ten."""


def main() -> None:
    """Measure and print a table for each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--minutes", type=float, default=2.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rest-") as folder, first_version() as first:
        places = {"now": ROOT} if first is None else {FIRST: first, "now": ROOT}
        for number in asked.files:
            seen = measured(Path(folder) / str(number), places, number, asked.minutes)
            print(f"\n{number} known files")
            print(f"{'':<20} {FIRST:>8} {'now':>8} {'goal':>8}")
            for what, goal in GOALS.items():
                first_one = seen.get(FIRST, {}).get(what)
                shown = "" if first_one is None else f"{first_one:.2f}"
                print(f"{what:<20} {shown:>8} {seen['now'][what]:>8.2f} {goal:>8}", flush=True)


def measured(
    folder: Path, places: Mapping[str, Path], files: int, minutes: float
) -> dict[str, dict[str, float]]:
    """Return the figures of each version."""
    folder.mkdir()
    shop = folder / "shop"
    marks = _made(shop, files)
    with StoreProcess(folder / "store", "--open", "--plan", "unlimited") as store:
        for name, root in places.items():
            (folder / "empty").mkdir(exist_ok=True)
            with _watching(folder / name, root, store, folder / "empty"):
                time.sleep(2)
            _know(folder / name / LEDGER_FILE, store, marks)
        running = [_watching(folder / name, root, store, shop) for name, root in places.items()]
        processes = {name: one.__enter__() for name, one in zip(places, running, strict=True)}
        try:
            time.sleep(SCANNED_AFTER * (1 + files / 50_000))
            before = {name: _figures(process) for name, process in processes.items()}
            time.sleep(60 * minutes)
            after = {name: _figures(process) for name, process in processes.items()}
        finally:
            for one in running:
                one.__exit__(None, None, None)
    for name in places:
        with closing(sqlite3.connect(folder / name / LEDGER_FILE)) as ledger:
            assert ledger.execute("SELECT count(*) FROM photos").fetchone() == (0,), name
    return {
        name: {
            "CPU s a minute": (after[name][0] - before[name][0]) / minutes,
            "wake-ups a second": (after[name][1] - before[name][1]) / (60 * minutes),
        }
        for name in places
    }


def _made(shop: Path, files: int) -> dict[Path, str]:
    """Make files, and return of each how its status is remembered."""
    marks: dict[Path, str] = {}
    for number in range(files):
        path = shop / f"id-{number // IN_A_FOLDER}" / f"{number % IN_A_FOLDER}.jpg"
        if number % IN_A_FOLDER == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(b"known")
        status = path.stat()
        marks[path] = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return marks


def _know(ledger: Path, store: StoreProcess, marks: Mapping[Path, str]) -> None:
    identity = StoreAddress(base_url=store.url, token=store.token).identity
    with closing(sqlite3.connect(ledger)) as database, database:
        database.executemany(
            "INSERT INTO files (store, path, mark) VALUES (?, ?, ?)",
            ((identity, os.fsencode(path), mark) for path, mark in marks.items()),
        )


@contextmanager
def _watching(home: Path, root: Path, store: StoreProcess, folder: Path) -> Iterator[int]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PIPELINE_")},
        "PYTHONPATH": str(root),
        "PIPELINE_HOME": str(home),
        "PIPELINE_STORE_URL": store.url,
        "BIGCOMMERCE_ACCESS_TOKEN": store.token,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "watch", str(folder)],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: (home / LEDGER_FILE).exists())
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _figures(process: int) -> tuple[float, int]:
    """Return the seconds of processor time of a process, and the switches of its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    seconds = (int(fields[11]) + int(fields[12])) / posix.sysconf("SC_CLK_TCK")
    switches = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                switches += int(line.split()[1])
    return seconds, switches


if __name__ == "__main__":
    main()
