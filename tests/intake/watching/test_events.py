"""What the operating system tells of a folder."""

from __future__ import annotations

from pathlib import Path

from pipeline.intake.watching.events import Hints, Observation
from tests.stories.commands import until

FOLDERS = 1_000


def test_folders_within_folders_are_watched_without_a_warning(tmp_path: Path) -> None:
    # The suite makes errors of warnings: one would end the observer's thread, and fail this.
    hints, deep = Hints(), set[Path]()
    observation = Observation(tmp_path, hints, poll_seconds=None)
    try:
        for number in range(FOLDERS):
            (tmp_path / f"{number}" / "front" / "raw").mkdir(parents=True)
            deep.add(tmp_path / f"{number}" / "front" / "raw")
        known = set[Path]()

        def all_are_known() -> bool:
            known.update(hints.take().folders)
            return all(any(path.is_relative_to(one) for one in known) for path in deep)

        until(all_are_known)
        assert observation.trouble() is None
    finally:
        observation.end()
