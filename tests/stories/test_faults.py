"""Whatever fails and whenever: each photograph is in the store once, and the ledger is right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.stories.chaos import Chaos

SEEDS = [int(seed) for seed in os.environ.get("STORM_SEEDS", "1,2").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_of_kills_and_faults_loses_nothing_and_stores_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    storm = Chaos(tmp_path, seed=seed, kills=12, photographs=40)
    report = storm.run()
    replay = f"STORM_SEEDS={seed} pytest tests/stories/test_faults.py"
    assert report.verdict.good, f"{report.verdict}\nto see it again: {replay}"
    assert report.verdict.stored + report.verdict.aside == report.verdict.photographs
    assert report.kills == 12
    assert sum(report.faults.values()) > 0
