"""Kill it a thousand times: `python -m tests.benchmarks.faults` prints one table.

    photographs, kills, faults by kind, stored, duplicates, lost

`--points` goes through every fault point instead, alone and in pairs. Whatever is decided by
chance is decided by `--seed`, which is printed: give it again to see the same faults and kills.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.points import go_through
from tests.stories.chaos import Chaos, Report
from tests.stories.faultworld import SCENARIOS


def main() -> int:
    """Run the long form; give 0 where nothing was lost and nothing is there twice."""
    parser = argparse.ArgumentParser(description="Faults at random, or at every named place.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--photographs", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=3, help="runs at the same time")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--quirk", action="append", default=[], help="of the store, NAME=VALUE")
    parser.add_argument(
        "--acts",
        action="store_true",
        help="also a second home, older ledgers put back, late duplicates, and false answers",
    )
    parser.add_argument("--points", action="store_true", help="every fault point instead")
    parser.add_argument("--pairs", type=int, default=400, help="pairs a scenario; 0 for all")
    parser.add_argument(
        "--scenario", action="append", choices=tuple(SCENARIOS), help="only this, with --points"
    )
    parser.add_argument("--at-once", type=int, default=10, help="trials, with --points")
    given = parser.parse_args()
    if given.points:
        bad = go_through(
            given.scenario or tuple(SCENARIOS),
            pairs=given.pairs,
            seed=given.seed,
            at_once=given.at_once,
        )
        return 1 if bad else 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        quirks = tuple(word for quirk in given.quirk for word in ("--quirk", quirk))
        chaos = Chaos(
            Path(folder),
            seed=given.seed,
            kills=given.kills,
            photographs=given.photographs,
            processes=given.processes,
            store_options=quirks,
            acts=given.acts,
            say=_say,
        )
        return _table(chaos.run())


def _table(report: Report) -> int:
    verdict = report.verdict
    rows = [
        ("seed", report.seed),
        ("seconds", round(report.seconds)),
        ("photographs", verdict.photographs),
        ("kills of a run (SIGKILL)", report.kills),
        *sorted(report.others.items()),
        ("faults of the store", sum(report.faults.values())),
        *((f"    {name}", number) for name, number in sorted(report.faults.items())),
        ("stored", verdict.stored),
        ("waiting, refused or failed, with the reason", verdict.aside),
        ("duplicates", len(verdict.duplicates)),
        ("lost", len(verdict.lost)),
        ("said and not so", len(verdict.untrue)),
    ]
    print("| | |\n|---|---:|")
    for name, number in rows:
        print(f"| {name} | {number:,} |" if name != "seed" else f"| seed | {number} |")
    for reason in verdict.reasons[:40]:
        print(reason)
    if not verdict.good:
        print(verdict)
    return 0 if verdict.good else 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
