"""What was left out is counted by its cause, and the count stays small."""

from __future__ import annotations

from pathlib import Path

from pipeline.left_out import MOST_CAUSES, By, Cause, LeftOutCount

EXCLUDED = Cause(By.EXCLUDE)


def test_each_cause_has_its_numbers_and_its_first_one() -> None:
    count = LeftOutCount()
    for name, folder in (("a.jpg", False), ("b.jpg", False), ("c", True)):
        count.add(EXCLUDED, Path(name), folder=folder)
    count.add(Cause(By.OLDER, since="yesterday"), Path("d.jpg"), folder=False)
    first, second = count.all
    assert (first.cause, first.files, first.folders, first.example) == (
        EXCLUDED, 2, 1, Path("a.jpg"),
    )  # fmt: skip
    assert (second.cause.since, second.files, second.folders) == ("yesterday", 1, 0)


def test_of_very_many_files_with_patterns_the_last_are_counted_together() -> None:
    count = LeftOutCount()
    for number in range(10 * MOST_CAUSES):
        cause = Cause(By.IGNORE_FILE, Path(f"/photos/{number}"))
        count.add(cause, Path(f"/photos/{number}/a.jpg"), folder=False)
    assert len(count.all) == MOST_CAUSES + 1
    assert sum(one.files for one in count.all) == 10 * MOST_CAUSES
    assert count.all[-1].cause == Cause(By.IGNORE_FILE)
