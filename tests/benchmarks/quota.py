"""How much of the store's quota is used while there is work?

    python -m tests.benchmarks.quota [--beside FOLDER]

A real run over small pictures, more than can go up meanwhile, against the real local store with a
plan's quota, whose answers take so long. Counted is what its own log shows: every request of
whatever kind, in whole windows (a window begins with a request) but the first, in which the run
begins, beside what is ours after `quota_reserve` in the time that they took. `--beside` names a
checkout of another version, which is measured in the same way.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

ROOT = Path(__file__).resolve().parents[2]
WINDOW = 30.0
RESERVE = 0.1
QUOTAS = {"standard": 150, "pro": 450}
CASES = (("standard", 0.1), ("standard", 0.3), ("standard", 1.5), ("pro", 0.3))
PRODUCTS = 60


@dataclass(frozen=True)
class Seen:
    """What the store saw in the windows that were looked at."""

    used: float
    ours: float
    refused: int
    created: int

    @property
    def share(self) -> str:
        """What was used of what is ours."""
        return f"{self.used / self.ours:.1%}"


def main() -> None:
    """Measure each case, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=2)
    parser.add_argument("--beside", type=Path, help="a checkout of another version")
    parser.add_argument("--case", type=int, action="append", help="only this one, from 0")
    asked = parser.parse_args()
    trees = [("this", ROOT)] + ([("beside", asked.beside.resolve())] if asked.beside else [])
    print("| plan | an answer takes | version | of what is ours | requests | created | 429 |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    for number in asked.case or range(len(CASES)):
        plan, takes = CASES[number]
        for name, tree in trees:
            with tempfile.TemporaryDirectory(prefix="quota-") as folder:
                seen = measured(Path(folder), plan, takes, asked.windows, tree)
            print(
                f"| {plan} | {takes:g} s | {name} | {seen.share} | {seen.used:.0f} | "
                f"{seen.created} | {seen.refused} |"
            )
            sys.stdout.flush()


def measured(folder: Path, plan: str, takes: float, windows: int, tree: Path) -> Seen:
    """Let a run of the version in `tree` go on for so many windows, and return what was seen."""
    for number in range(QUOTAS[plan] * (windows + 2)):
        name = f"SKU{number % PRODUCTS:04}_{number // PRODUCTS}.png"
        photograph(folder / "shop" / name, number, (40, 30))
    products = "".join(f"{number + 101},SKU{number:04},,\n" for number in range(PRODUCTS))
    catalogue = folder / "catalogue.csv"
    catalogue.write_text(f"id,sku,name,product_id\n{products}", encoding="utf-8")
    options = ("--catalogue", str(catalogue), "--plan", plan)
    with StoreProcess(folder / "store", *options, as_described=False) as store:
        store.misbehave({"do": "delay", "when": "after", "seconds": takes})
        run = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "run", str(folder / "shop")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**Command(folder / "home", store).environment, "PYTHONPATH": str(tree)},
            cwd=tree,
        )
        while not store.seen():
            time.sleep(0.2)
        time.sleep((windows + 1) * (WINDOW + 1) + 2)
        run.kill()
        run.wait()
        return _in_windows(store.seen(), windows, QUOTAS[plan] * (1 - RESERVE))


def _in_windows(requests: list[dict[str, Any]], windows: int, ours: float) -> Seen:
    begun: list[float] = []
    for request in requests:
        if not begun or request["at"] >= begun[-1] + WINDOW:
            begun.append(request["at"])
    first, end = begun[1], begun[windows + 1]
    took = end - first
    within = [request for request in requests if first <= request["at"] < end]
    return Seen(
        used=len(within),
        ours=ours * took / WINDOW,
        refused=sum(request["status"] == 429 for request in within),
        created=sum(request["image_id"] is not None for request in within),
    )


if __name__ == "__main__":
    main()
