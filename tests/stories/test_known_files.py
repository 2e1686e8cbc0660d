"""A second run over a folder: what is stored and is as it was is not read, and whatever changed is.

Every reading of a file and every transaction passes a fault point, which writes down that it was
reached: so the program itself is counted, not a part of it.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.faultpoints import VARIABLE
from pipeline.intake.stamps import SETTLED_SECONDS
from tests.stories.commands import Command, Ended, photograph, until
from tests.stories.watching import Watching, counts

NUMBER = 6


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder whose files have rested for long enough that their stamps prove something."""
    shop = tmp_path / "shop"
    for number in range(NUMBER):
        photograph(shop / "158" / f"{number}.png", number, size=(32, 24))
    time.sleep(SETTLED_SECONDS + 0.1)
    return shop


def counted(pipeline: Command, *words: object) -> tuple[Ended, Counter[str]]:
    """Run it, and count what was reached."""
    trace = pipeline.home.with_name("trace")
    trace.unlink(missing_ok=True)
    run = pipeline(*words, environment={VARIABLE: f"trace:{trace}"})
    return run, Counter(line.partition("@")[0] for line in trace.read_text().splitlines())


def but_for_its_times(run: Ended) -> dict[str, Any]:
    return {
        key: value
        for key, value in run.well().document.items()
        if key not in ("began_at", "ended_at")
    }


def test_what_is_stored_and_as_it_was_is_not_read_again(pipeline: Command, shop: Path) -> None:
    first, seen = counted(pipeline, "run", "--json", shop)
    assert first.well().counts["stored"] == NUMBER
    assert seen["before accept"] == NUMBER

    again, seen = counted(pipeline, "run", shop)
    assert "Everything was in the shop already" in again.well().out
    assert seen["before accept"] == 0
    enter_and_leave = 2
    assert seen["before commit"] == enter_and_leave

    listed, seen = counted(pipeline, "run", "--json", shop)
    assert seen["before accept"] == 0
    checked, seen = counted(pipeline, "run", "--json", "--check-content", shop)
    assert seen["before accept"] == NUMBER
    assert but_for_its_times(listed) == but_for_its_times(checked)
    assert checked.counts["already_stored"] == NUMBER

    whatever_changed_is_noticed(pipeline, shop)


def whatever_changed_is_noticed(pipeline: Command, shop: Path) -> None:
    one = shop / "158" / "0.png"
    status, content = one.stat(), bytearray(one.read_bytes())
    content[-20] ^= 1
    one.write_bytes(content)
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed, seen = counted(pipeline, "run", "--json", shop)
    assert seen["before accept"] == 1
    assert changed.counts["already_stored"] == NUMBER - 1

    moved = shop / "158" / "moved"
    moved.mkdir()
    for number in range(1, NUMBER):
        (shop / "158" / f"{number}.png").rename(moved / f"{number}.png")
    one.unlink()
    time.sleep(SETTLED_SECONDS + 0.1)
    once, seen = counted(pipeline, "run", "--json", shop)
    assert once.counts["already_stored"] == seen["before accept"] == NUMBER - 1
    told = json.loads(pipeline("list", "--json", "--path", moved).out)
    assert {one["path"] for one in told} == {str(path) for path in moved.iterdir()}
    again, seen = counted(pipeline, "run", "--json", shop)
    assert again.counts["already_stored"] == NUMBER - 1
    assert seen["before accept"] == 0


def test_a_watcher_passes_by_what_a_run_has_taken_in_unless_it_is_to_check_all(
    pipeline: Command, shop: Path
) -> None:
    pipeline("run", "--quiet", shop).well()
    trace = pipeline.home.with_name("trace")

    def read() -> int:
        return trace.read_text().count("before accept@") if trace.exists() else 0

    watching = Watching(pipeline, shop, fault_points=f"trace:{trace}")
    watching.start()
    photograph(shop / "158" / "new.png", NUMBER, size=(32, 24))
    until(lambda: counts(pipeline)["stored"] == NUMBER + 1)
    watching.stop()
    assert read() == 1, "the new one alone"

    trace.unlink()
    watching = Watching(pipeline, "--check-content", shop, fault_points=f"trace:{trace}")
    watching.start()
    until(lambda: read() == NUMBER + 1)
    watching.stop()
    assert counts(pipeline)["stored"] == NUMBER + 1


def test_what_is_said_of_the_product_now_counts(pipeline: Command, shop: Path) -> None:
    pipeline("run", "--quiet", shop).well()
    same, seen = counted(pipeline, "run", "--json", "--product", 158, shop)
    assert same.well().counts["already_stored"] == NUMBER
    assert seen["before accept"] == 0
    other, seen = counted(pipeline, "run", "--json", "--product", 159, shop)
    assert seen["before accept"] == NUMBER
    assert other.counts["already_stored"] == 0
