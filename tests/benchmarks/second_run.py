"""What does a second run over known files cost, and a watcher's first scan of them?

    python -m tests.benchmarks.second_run [--files 20000] [--sizes 5000 20000 80000] [--first 2000]

Folders of a hundred small files each, all of them stored, and a ledger that knows it: the run finds
them, asks the ledger, and sends nothing. CPU is that of the whole process, its start included; what
a file costs beyond that is the slope between the sizes, from which follows what a million take.
How many files are read, and how many transactions are made, is counted by the program's own fault
points, in a run apart. Of the first version, which reads every file, fewer are enough.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.faultpoints import VARIABLE
from pipeline.home import LEDGER_FILE
from pipeline.intake.stamps import stamp_of
from pipeline.ledger.records import (
    image_record,
    inspection_record,
    picture_record,
    placement_record,
)
from pipeline.standing import shot_order_key
from tests import posix
from tests.benchmarks.first_version import FIRST, ROOT, first_version
from tests.makers import inspection, picture, placement, stored_image

A_FOLDER: Final = 100
BYTES: Final = 4096
STORE: Final = "local/v3"
NOW: Final = "2026-11-25T09:00:00.000000+00:00"
MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Cost:
    """What a process took: processor seconds, and resident megabytes at the most."""

    seconds: float
    megabytes: float


class World:
    """So many files, and a home of a version of the program that has stored them all."""

    def __init__(self, folder: Path, version: Path, files: int) -> None:
        self.tree = folder / "shop"
        self.empty = folder / "empty"
        self.home = folder / "home"
        self._version = version
        self.empty.mkdir(parents=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name[:9] != "PIPELINE_"},
            "PYTHONPATH": str(version),
            "PIPELINE_HOME": str(self.home),
            "PIPELINE_STORE_URL": "http://127.0.0.1:9/v3",
            "BIGCOMMERCE_ACCESS_TOKEN": "none",
        }
        self.cost("run", "--quiet", self.empty)  # makes the ledger
        self._fill(files)

    def _fill(self, files: int) -> None:
        facts = [
            placement_record(placement()),
            inspection_record(inspection()),
            picture_record(picture(), photo_id="", sha256="", likeness=None),
            image_record(stored_image()),
        ]
        if self._version != ROOT:
            facts = [None] * len(facts)  # it would not understand them
        with closing(sqlite3.connect(self.home / LEDGER_FILE)) as connection, connection:
            by_stamp = "sha256" in [
                row[1] for row in connection.execute("PRAGMA table_info(files)")
            ]
            for number in range(files):
                product = 1000 + number // A_FOLDER
                path = self.tree / f"SM-{product}" / f"SM-{product}_{number % A_FOLDER}_front.jpg"
                path.parent.mkdir(parents=True, exist_ok=True)
                content = b"photograph %d" % number + bytes(BYTES)
                path.write_bytes(content)
                sha256, at = hashlib.sha256(content).hexdigest(), os.fsencode(path)
                connection.execute(
                    "INSERT INTO photos (id, store, product_id, sha256, size, path, root, rank, "
                    "state, sentence, placement, inspection, picture, image, image_id, "
                    "received_at, changed_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'stored', 'stored', ?, ?, ?, ?, ?, ?, ?)",
                    (
                        sha256[:36], STORE, product, sha256, len(content), at,
                        os.fsencode(self.tree), shot_order_key(path), *facts, number + 1, NOW, NOW,
                    ),
                )  # fmt: skip
                connection.execute(
                    "INSERT INTO arrivals (owner, photo, path, door, seen_at) "
                    "VALUES ('before', ?, ?, 'run', ?)",
                    (sha256[:36], at, NOW),
                )
                if by_stamp:
                    stamp = str(stamp_of(path.stat(), path.parent))
                    connection.execute(
                        "INSERT INTO files (store, path, mark, sha256) VALUES (?, ?, ?, ?)",
                        (STORE, at, stamp, sha256),
                    )

    def start(self, *words: object, **environment: str) -> subprocess.Popen[bytes]:
        """Begin a command of that version."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *map(str, words)],
            cwd=self._version,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def cost(self, *words: object) -> Cost:
        """Return what a command takes, to its end."""
        process = self.start(*words)
        _, status, used = posix.wait4(process.pid, 0)
        assert status == 0, process.stderr and process.stderr.read()
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)

    def counts(self) -> tuple[int, int]:
        """Return how many files a run reads, and how many transactions it makes."""
        trace = self.home.with_name("trace")
        process = self.start("run", "--quiet", self.tree, **{VARIABLE: f"trace:{trace}"})
        process.communicate()
        seen = Counter(line.partition("@")[0] for line in trace.read_text().splitlines())
        # The first version has no such point: there each method is a transaction.
        received = seen["before ledger.receive"]
        return seen["before accept"], seen["before commit"] or received

    def cost_of_scan(self) -> Cost:
        """Return what a watcher takes until its first scan is over, and nothing is left to do."""
        process = self.start("watch", self.tree)
        try:
            spent, quiet = _spent(process.pid), 0
            while quiet < 6 and process.poll() is None:
                time.sleep(0.5)
                now = _spent(process.pid)
                quiet = quiet + 1 if now - spent < 0.1 else 0
                spent = now
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return Cost(spent, int(peak.split()[1]) / 1024)


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return float((int(fields[11]) + int(fields[12])) / posix.sysconf("SC_CLK_TCK"))


def main() -> None:
    """Measure, and print a table of the sizes and what follows for a million."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=20_000, help="of which the counts are")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 20_000, 80_000])
    parser.add_argument("--first", type=int, default=2_000, help="files for the first version")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="second-run-") as folder:
        print("| second run | files | read | transactions | CPU ms a file | CPU s | RSS MB |")
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        with first_version() as first:
            if first is not None:
                world = World(Path(folder) / "first", first, asked.first)
                _print(FIRST, world, asked.first, counted=True)
        worlds = {
            size: World(Path(folder) / str(size), ROOT, size)
            for size in sorted({*asked.sizes, asked.files})
        }
        runs = {
            size: _print("now", world, size, counted=size == asked.files)
            for size, world in worlds.items()
        }
        print()
        print("| a million | CPU s | RSS MB | CPU ms a file, without the start |")
        print("| --- | ---: | ---: | ---: |")
        _slope("second run", runs)
        _slope("a watcher's scan", {n: world.cost_of_scan() for n, world in worlds.items()})


def _print(name: str, world: World, files: int, *, counted: bool) -> Cost:
    cost = _best(lambda: world.cost("run", "--quiet", world.tree))
    read, transactions = world.counts() if counted else ("", "")
    print(
        f"| {name} | {files:,} | {read} | {transactions} | {1000 * cost.seconds / files:.3f} | "
        f"{cost.seconds:.2f} | {cost.megabytes:.0f} |",
        flush=True,
    )
    return cost


def _best(measure: Callable[[], Cost]) -> Cost:
    """Return the least of three: other work on the machine only ever adds."""
    costs = [measure() for _ in range(3)]
    return Cost(min(one.seconds for one in costs), max(one.megabytes for one in costs))


def _slope(name: str, costs: dict[int, Cost]) -> None:
    """Print what a million take, by the smallest and the largest size."""
    few, many = min(costs), max(costs)
    per_file = (costs[many].seconds - costs[few].seconds) / (many - few)
    more = (costs[many].megabytes - costs[few].megabytes) / (many - few)
    seconds = costs[many].seconds + per_file * (MILLION - many)
    megabytes = costs[many].megabytes + max(0.0, more) * (MILLION - many)
    print(f"| {name} | {seconds:.1f} | {megabytes:.0f} | {1000 * per_file:.4f} |", flush=True)


if __name__ == "__main__":
    main()
