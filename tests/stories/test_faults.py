"""Whatever fails and whenever: each photograph is in the store once, and the ledger is right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stories.chaos import Chaos

SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", "1,2").split(",")]

TRIALS = [
    pytest.param(SEEDS[0], 6, 20, id=f"{SEEDS[0]}-short"),
    *(pytest.param(seed, 16, 50, id=f"{seed}-long", marks=pytest.mark.long) for seed in SEEDS),
]


@pytest.mark.parametrize(("seed", "kills", "photographs"), TRIALS)
def test_chaos_of_kills_and_faults_loses_nothing_and_stores_nothing_twice(
    tmp_path: Path, seed: int, kills: int, photographs: int
) -> None:
    chaos = Chaos(tmp_path, seed=seed, kills=kills, photographs=photographs)
    report = chaos.run()
    replay = f"CHAOS_SEEDS={seed} pytest tests/stories/test_faults.py"
    assert report.verdict.good, f"{report.verdict}\nto see it again: {replay}"
    assert report.verdict.stored + report.verdict.aside == report.verdict.photographs
    assert report.kills == kills
    # A few kills may all come between two faults.
    assert sum(report.faults.values()) > 0 or kills < 10


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_neither_a_second_home_nor_an_older_ledger_nor_a_late_copy_leaves_anything_twice(
    tmp_path: Path, seed: int
) -> None:
    chaos = Chaos(tmp_path, seed=seed, kills=25, photographs=60, acts=True)
    report = chaos.run()
    replay = f"python -m tests.benchmarks.faults --acts --kills 25 --photographs 60 --seed {seed}"
    assert report.verdict.good, f"{report.verdict}\nto see it again: {replay}"
    assert report.verdict.stored + report.verdict.aside == report.verdict.photographs
    assert report.others["runs of the second home"] > 0
