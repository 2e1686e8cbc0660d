"""A watcher for an hour: does its memory, or the number of its open files and threads, grow?

    python -m tests.benchmarks.soak --minutes 60

A photograph comes every few seconds, to one of ten products, now and then a new version of an old
one or a shot by the hook; the store misbehaves for a while every few minutes, and is gone for half
a minute now and then. Every ten seconds the watcher's memory, open files and threads are read.
At the end every photograph must be in the store once. Prints one JSON document.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from tests.benchmarks.memory import resident
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.judge import judge
from tests.stories.watching import Watching, counts

FAULTS: tuple[dict[str, object], ...] = (
    {"do": "answer", "status": 503, "probability": 0.3},
    {"do": "answer", "status": 500, "method": "POST", "when": "after", "probability": 0.3},
    {"do": "answer", "status": 429, "probability": 0.2, "retry_after": 2},
    {"do": "drop", "when": "mid-body", "method": "POST", "probability": 0.3},
    {"do": "drop", "when": "after-work", "method": "POST", "probability": 0.3},
    {"do": "delay", "seconds": 3.0, "probability": 0.5},
)
EVERY = 2.5
READ_EVERY = 10.0


def main() -> None:
    """Run it and print what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        print(json.dumps(soak(Path(folder), asked.minutes * 60, random.Random(asked.seed))))


def soak(folder: Path, seconds: float, chance: random.Random) -> dict[str, object]:
    """Let the watcher work; give the figures, `good` being the judge's verdict."""
    shop, options = folder / "shop", ("--open", "--plan", "unlimited")
    shop.mkdir()
    store = StoreProcess(folder / "store", *options, as_described=False)
    port = store.page.rstrip("/").rpartition(":")[2]
    pipeline = Command(folder / "home", store, settle_after=5)
    watching = Watching(pipeline, shop, rescan_every=30)
    watching.start()
    readings: list[tuple[float, ...]] = []
    files: dict[Path, int] = {}
    began = time.monotonic()
    assert watching.process is not None
    pid = watching.process.pid
    number = 0
    next_reading = began
    while (now := time.monotonic()) - began < seconds:
        number += 1
        product = 150 + number % 10
        if number % 25 == 0 and counts(pipeline)["stored"] == number - 1:
            path = chance.choice(sorted(files))
            photograph(path, 60_000 - number, (1200, 800))
        else:
            path = shop / str(product) / f"{product}_{number}.jpg"
            photograph(path, number, (1800, 1200))
            files[path] = product
        if number % 40 == 0:
            store.misbehave(dict(chance.choice(FAULTS)))
        elif number % 40 == 10:
            store.misbehave()
        if number % 150 == 90:
            store.kill()
            time.sleep(30)
            store = StoreProcess(folder / "store", *options, "--port", port, as_described=False)
        if now >= next_reading:
            next_reading = now + READ_EVERY
            readings.append((now - began, *_reading(pid)))
        time.sleep(EVERY * chance.uniform(0.2, 1.8))
    store.misbehave()
    until(lambda: set(_open(counts(pipeline))) == {0}, 900)
    watching.stop()
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    store.stop()
    return {
        "seconds": round(seconds),
        "arrivals": number,
        **_summary(readings),
        "judge": str(verdict),
    }


def _open(states: dict[str, int]) -> list[int]:
    return [states[state] for state in ("received", "validated", "prepared", "uploading")]


def _reading(pid: int) -> tuple[int, int, int, int]:
    """Return resident bytes, its workers' too, open files and threads of a process (Linux)."""
    process = Path("/proc") / str(pid)
    files, threads = (len(list((process / kind).iterdir())) for kind in ("fd", "task"))
    return *resident(pid), files, threads


def _summary(readings: list[tuple[float, ...]]) -> dict[str, object]:
    """Leave out the first tenth, in which all is loaded; compare the first and the last fifth."""
    settled = readings[len(readings) // 10 :]
    fifth = max(1, len(settled) // 5)
    first, last = settled[:fifth], settled[-fifth:]
    hours = (settled[-1][0] - settled[0][0]) / 3600 * 0.8

    def megabytes(column: int) -> dict[str, object]:
        before, after = (statistics.median(row[column] for row in part) for part in (first, last))
        return {
            "first_and_last": [round(before / 1e6, 1), round(after / 1e6, 1)],
            "most": round(max(row[column] for row in readings) / 1e6, 1),
            "an_hour": round((after - before) / 1e6 / hours, 1) if hours else None,
        }

    return {
        "readings": len(readings),
        "watcher_mb": megabytes(1),
        "workers_mb": megabytes(2),
        "open_files_first_and_last": [
            statistics.median(row[3] for row in part) for part in (first, last)
        ],
        "threads_first_and_last": [
            statistics.median(row[4] for row in part) for part in (first, last)
        ],
    }


if __name__ == "__main__":
    main()
