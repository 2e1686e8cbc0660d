"""What the operating system tells of a folder."""

from __future__ import annotations

import time
from pathlib import Path

from pipeline.intake.watching.events import Hints, Observation, Sign
from tests.intake.watching.watched import LINUX
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
            return all(not known.isdisjoint((path, *path.parents)) for path in deep)

        until(all_are_known)
        assert observation.trouble() is None
    finally:
        observation.end()


def test_what_is_told_of_a_file_is_gathered_until_it_is_taken(tmp_path: Path) -> None:
    hints, path, other = Hints(), tmp_path / "1.jpg", tmp_path / "1.jpg.part"
    hints.file(path)
    hints.file(path, closed=True)
    hints.file(path, closed=True)
    hints.file(path, renamed_from=other)
    taken = hints.take()
    assert taken.files.keys() == {path}
    assert taken.files[path].closed
    first, last = taken.files[path].written
    assert first <= last <= time.monotonic()
    assert taken.renamed == {other}
    assert hints.take().files == {}


@LINUX
def test_a_close_and_a_rename_are_told_with_their_times(tmp_path: Path) -> None:
    hints, part, path = Hints(), tmp_path / "1.jpg.part", tmp_path / "1.jpg"
    observation = Observation(tmp_path, hints, poll_seconds=None)
    signs: dict[Path, Sign] = {}
    renamed = set[Path]()

    def is_told(of: Path) -> bool:
        taken = hints.take()
        signs.update(taken.files)
        renamed.update(taken.renamed)
        return of in signs and bool(signs[of].written)

    try:
        part.write_bytes(b"whole")
        until(lambda: is_told(part))
        assert signs[part].closed
        part.rename(path)
        until(lambda: is_told(path))
        assert not signs[path].closed
        assert renamed == {part}
    finally:
        observation.end()
