"""A run at the edge of the standard plan's quota is never refused by its own fault."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph

WINDOW = 20.0
"""Seconds, for 150 requests: shorter than the real 30, so that several go by."""


@pytest.mark.long
def test_two_runs_at_the_edge_of_the_quota_meet_no_429_and_leave_a_share(tmp_path: Path) -> None:
    options = ("--open", "--plan", "standard", "--quirk", f"window_seconds={WINDOW:g}")
    for number in range(200):
        photograph(tmp_path / "shop" / str(100 + number % 8) / f"{number}.png", number, (24, 16))
    with StoreProcess(tmp_path / "store", *options) as store:
        pipeline = Command(tmp_path / "home", store)
        folders = sorted((tmp_path / "shop").iterdir())
        first = pipeline.start("run", "--quiet", *folders[:4])
        second = pipeline.start("run", "--quiet", *folders[4:])
        for process in (first, second):
            _, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
        seen = store.seen()
    assert Counter(entry["status"] for entry in seen) == {200: len(seen)}
    assert sum(entry["method"] == "POST" for entry in seen) == 200
    crowds = [
        sum(0 <= other["at"] - entry["at"] < WINDOW * 0.9 for other in seen) for entry in seen
    ]
    # A tenth is left to others; two windows may meet within any such time.
    assert max(crowds) <= 2 * 150 * 0.9
    assert max(crowds) > 80, "the quota was not reached: this proved nothing"
