"""How long does a shot take to the store that comes while thousands are in the queue?

    python -m tests.benchmarks.shot --queue 5000 [--by hook|folder] [--beside FOLDER]

A real watcher (or, with `--other`, a real run beside which the hook starts its own engine) with so
many photographs in the queue, and the real local store with the standard plan's quota. Then one
shot after another, each of a product of its own: noted down by the hook, or put into the watched
folder. The clock starts when the hook is called, or the file is closed, and stops when the ledger
has it as stored. `--beside` names a checkout of another version: there it may take long.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from pipeline.home import BACKGROUND_LOCK
from pipeline.hook.inbox import is_locked
from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = 1000
LONGEST = 1800.0
CHANGED = "SELECT changed_at FROM photos WHERE path = ?"


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--queue", type=int, default=5000)
    parser.add_argument("--shots", type=int, default=7)
    parser.add_argument("--by", choices=("hook", "folder"), default="hook")
    parser.add_argument("--other", action="store_true", help="a run at work, and no watcher")
    parser.add_argument("--beside", type=Path, help="a checkout of another version instead")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shot-") as folder:
        bench = Bench(Path(folder), asked.queue, (asked.beside or ROOT).resolve())
        print(json.dumps(bench.measured(asked.shots, asked.by, other=asked.other), indent=2))


class Bench:
    """A store, a queue, and whoever works through it."""

    def __init__(self, folder: Path, queue: int, tree: Path) -> None:
        self.folder, self.queue, self.tree = folder, queue, tree
        self.shop = folder / "shop"
        catalogue = folder / "catalogue.csv"
        rows = "".join(f"{number + 101},SKU{number:04},,\n" for number in range(PRODUCTS))
        catalogue.write_text(f"id,sku,name,product_id\n{rows}", encoding="utf-8")
        options = ("--catalogue", str(catalogue), "--plan", "standard")
        for number in range(queue):
            name = f"SKU{number % (PRODUCTS - 100):04}_{number // (PRODUCTS - 100)}.png"
            photograph(self.shop / name, number, (40, 30))
        self.store = StoreProcess(folder / "store", *options, as_described=False)
        self.home = folder / "home"
        self.environment = {
            **Command(self.home, self.store).environment,
            "PYTHONPATH": str(tree),
        }

    def measured(self, shots: int, by: str, *, other: bool) -> dict[str, object]:
        """Return how long each shot took, in seconds."""
        worker = self.start("run" if other else "watch", str(self.shop))
        began = time.monotonic()
        while self.known() < self.queue and time.monotonic() - began < LONGEST:
            time.sleep(0.5)
        queue = self.unfinished()
        time.sleep(5)
        taken = [self.shot(number, by) for number in range(shots)]
        worker.terminate()
        worker.wait()
        while is_locked(str(self.home), BACKGROUND_LOCK):
            time.sleep(0.2)
        self.store.stop()
        return {
            "queue": queue,
            "by": by,
            "median_s": round(statistics.median(taken), 2),
            "worst_s": round(max(taken), 2),
            "each_s": [round(one, 2) for one in taken],
            "goal_s": 3.0,
            "goal_met": max(taken) <= 3.0,
        }

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the command of the version that is measured."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
            cwd=self.tree,
        )

    def shot(self, number: int, by: str) -> float:
        """Take one, and wait until it is stored."""
        sku = f"SKU{PRODUCTS - 1 - number:04}"
        shots = self.shop if by == "folder" else self.folder / "shots"
        ready = photograph(self.folder / "ready" / f"{sku}_1.png", 100_000 + number, (40, 30))
        path = shots / ready.name
        shots.mkdir(exist_ok=True)
        began, called = time.monotonic(), time.time()
        ready.rename(path)
        if by == "hook":
            assert self.start("hook", "--sku", sku, str(path)).wait() == 0
        while self.state_of(path) != "stored":
            assert time.monotonic() - began < LONGEST, "it does not come to the store"
            time.sleep(0.02)
        stored = datetime.fromisoformat(str(self.ask(CHANGED, (os.fsencode(path),))))
        time.sleep(4)
        return stored.timestamp() - called

    def unfinished(self) -> int:
        """How many are in the queue."""
        return int(self.ask("SELECT count(*) FROM photos WHERE state <> 'stored'", ()) or 0)

    def known(self) -> int:
        """How many are in the ledger."""
        return int(self.ask("SELECT count(*) FROM photos", ()) or 0)

    def state_of(self, path: Path) -> str | None:
        """Return the state of a photograph, where the ledger has it."""
        return self.ask("SELECT state FROM photos WHERE path = ?", (os.fsencode(path),))

    def ask(self, question: str, values: tuple[bytes, ...]) -> str | None:
        ledger = self.home / "ledger.sqlite3"
        try:
            connection = sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True, timeout=5)
            try:
                row = connection.execute(question, values).fetchone()
            finally:
                connection.close()
        except sqlite3.Error:
            return None
        return None if row is None else str(row[0])


if __name__ == "__main__":
    main()
