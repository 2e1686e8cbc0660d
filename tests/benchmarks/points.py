"""Every fault point, alone and in pairs: what `python -m tests.benchmarks.faults --points` does.

A pair is a place where the first thing happens, and one that is reached after it: by the run that
follows a kill, or by the same run after a call that failed. Which those are is asked of a run that
is watched, so that the places of the recovery, which an undisturbed run never sees, are among them.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.stories.faultworld import FaultWorld

__all__ = ["go_through"]

_One = TypeVar("_One")

CASES_A_STORE = 200
"""A store's folder and memory grow with its cases: it is replaced after so many."""


def go_through(scenarios: Sequence[str], *, pairs: int, seed: int, at_once: int) -> int:
    """Try every place of the scenarios, print a line for each; give how many trials went wrong.

    Args:
        scenarios: their names.
        pairs: how many a scenario, drawn by the seed; 0 for all.
        seed: decides which.
        at_once: how many trials at the same time; most of a trial is waiting.
    """
    dice = random.Random(seed)
    bad = tried = 0
    with ThreadPoolExecutor(at_once) as pool:
        for scenario in scenarios:
            began = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="points-") as folder, _world(folder) as world:
                places = world.places(scenario)
            alone = [f"{action}:{place}" for place in places for action in ("kill", "fail")]
            found = pool.map(partial(_pairs, scenario), _pieces(alone, 10))
            together = list(itertools.chain(*found))
            known = len(together)
            print(f"{scenario}: {known} pairs", file=sys.stderr, flush=True)
            if pairs:
                together = dice.sample(together, min(pairs, known))
            trials = [[plan] for plan in alone] + together
            told = pool.map(
                partial(_tried, scenario),
                _pieces(trials, min(CASES_A_STORE, len(trials) // at_once + 1)),
            )
            problems = list(itertools.chain(*told))
            tried += len(trials)
            bad += len(problems)
            print(
                f"{scenario}: {len(places)} places, {len(alone)} alone, {len(together)} of "
                f"{known} pairs, {len(problems)} wrong, {time.monotonic() - began:.0f} s",
                flush=True,
            )
            for problem in problems:
                print(problem, flush=True)
    print(f"seed {seed}: {tried} trials, {bad} wrong")
    return bad


def _pairs(scenario: str, firsts: Sequence[str]) -> list[list[str]]:
    with tempfile.TemporaryDirectory(prefix="points-") as folder, _world(folder) as world:
        return [pair for first in firsts for pair in _after(world, scenario, first)]


def _after(world: FaultWorld, scenario: str, first: str) -> Iterator[list[str]]:
    for place in world.reached(scenario, first):
        for action in ("kill", "fail"):
            second = f"{action}:{place}"
            yield [first, second] if first.startswith("kill:") else [f"{first};{second}"]


def _tried(scenario: str, trials: Sequence[list[str]]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="points-") as folder, _world(folder) as world:
        return [problem for plans in trials if (problem := world.trial(scenario, plans))]


def _pieces(all_of_it: Sequence[_One], size: int) -> list[Sequence[_One]]:
    return [all_of_it[at : at + size] for at in range(0, len(all_of_it), size)]


def _world(folder: str) -> FaultWorld:
    return FaultWorld(Path(folder))
