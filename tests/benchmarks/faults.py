"""Kill it a thousand times: `python -m tests.benchmarks.faults` prints one table.

    photographs, kills, faults by kind, stored, duplicates, lost

`--points` goes through every fault point instead, alone and in pairs. Whatever is decided by
chance is decided by `--seed`, which is printed: give it again to see the same faults and kills.
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.stories.faultworld import SCENARIOS, FaultWorld
from tests.stories.storm import Report, Storm


def main() -> int:
    """Run the long form; give 0 where nothing was lost and nothing is there twice."""
    parser = argparse.ArgumentParser(description="Faults at random, or at every named place.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--photographs", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=3, help="runs at the same time")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--quirk", action="append", default=[], help="of the store, NAME=VALUE")
    parser.add_argument("--points", action="store_true", help="every fault point instead")
    parser.add_argument("--pairs", type=int, default=400, help="pairs a scenario; 0 for all")
    parser.add_argument(
        "--scenario", action="append", choices=tuple(SCENARIOS), help="only this, with --points"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        if given.points:
            return _points(
                Path(folder), given.pairs, given.seed, given.scenario or tuple(SCENARIOS)
            )
        quirks = tuple(word for quirk in given.quirk for word in ("--quirk", quirk))
        storm = Storm(
            Path(folder),
            seed=given.seed,
            kills=given.kills,
            photographs=given.photographs,
            processes=given.processes,
            store_options=quirks,
            say=_say,
        )
        return _table(storm.run())


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
    if not verdict.good:
        print(verdict)
    return 0 if verdict.good else 1


def _points(folder: Path, pairs: int, seed: int, scenarios: Sequence[str]) -> int:
    """Go through every place: alone, killed and failing, and in pairs."""
    dice = random.Random(seed)
    bad = tried = 0
    for number, scenario in enumerate(scenarios):
        with FaultWorld(_made(folder / str(number))) as world:
            places = world.places(scenario)
        alone = [[f"{action}:{place}"] for place in places for action in ("kill", "fail")]
        together = [
            plans
            for first, second in itertools.product(places, places)
            for plans in (
                [f"kill:{first}", f"kill:{second}"],
                [f"fail:{first};kill:{second}"],
            )
        ]
        if pairs:
            together = dice.sample(together, min(pairs, len(together)))
        trials = alone + together
        halves = [trials[0::2], trials[1::2]]
        began = time.monotonic()
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(partial(_tried, folder, scenario), halves))
        problems = list(itertools.chain(*told))
        tried += len(trials)
        bad += len(problems)
        print(
            f"{scenario}: {len(places)} places, {len(alone)} alone, {len(together)} pairs, "
            f"{len(problems)} wrong, {time.monotonic() - began:.0f} s",
            flush=True,
        )
        for problem in problems:
            print(problem)
    print(f"seed {seed}: {tried} trials, {bad} wrong")
    return 1 if bad else 0


def _tried(folder: Path, scenario: str, trials: list[list[str]]) -> list[str]:
    place = Path(tempfile.mkdtemp(dir=folder))
    with FaultWorld(place) as world:
        return [problem for plans in trials if (problem := world.trial(scenario, plans))]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
