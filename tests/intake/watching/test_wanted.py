"""What a watcher leaves out is counted, and said once for each number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.intake.choice import IGNORE_FILE, Choice, NewerThan
from pipeline.intake.watching.wanted import Wanted
from pipeline.left_out import By, Cause, LeftOut, LeftOutCount


class Said:
    def __init__(self, tmp_path: Path, choice: Choice) -> None:
        self.copies: list[str] = []
        self.left_out: list[Sequence[LeftOut]] = []
        self.wanted = Wanted(tmp_path / "home", choice, self.copies.append, self.left_out.append)


def test_what_is_told_of_is_judged_by_its_names_and_counted_once(tmp_path: Path) -> None:
    root = tmp_path / "in"
    (root / "Rejected").mkdir(parents=True)
    wanted = Said(tmp_path, Choice(exclude=["*.tif"], left_out_folders=["Rejected"])).wanted
    assert wanted.wants(root / "a.jpg", root)
    assert not wanted.wants(root / ".hidden.jpg", root)
    assert not wanted.wants(tmp_path / "home" / "a.jpg", tmp_path)
    for _ in range(3):
        assert not wanted.wants(root / "a.tif", root)
        assert not wanted.wants(root / "Rejected", root, folder=True)
        assert not wanted.wants(root / "Rejected" / "b.jpg", root)
    assert [(one.cause.by, one.files, one.folders) for one in wanted.left_out] == [
        (By.EXCLUDE, 1, 0),
        (By.FOLDER_SETTING, 0, 1),
    ]


def test_a_copy_in_the_making_is_wanted_where_its_folder_is(tmp_path: Path) -> None:
    wanted = Said(tmp_path, Choice(left_out_folders=["Rejected"])).wanted
    name = ".a.jpg.X7f2Qa"
    assert wanted.wants(tmp_path / "in" / name, tmp_path / "in", in_the_making=True)
    assert not wanted.wants(tmp_path / "in" / "Rejected" / name, tmp_path, in_the_making=True)


def test_a_file_is_left_out_that_is_too_old_where_its_time_is_known(tmp_path: Path) -> None:
    wanted = Said(tmp_path, Choice(newer_than=NewerThan(at=1000, said="then"))).wanted
    assert not wanted.leaves_out(tmp_path / "a.jpg", tmp_path)
    assert not wanted.leaves_out(tmp_path / "a.jpg", tmp_path, modified=1000)
    assert wanted.leaves_out(tmp_path / "a.jpg", tmp_path, modified=999)
    assert wanted.left_out[0].cause == Cause(By.OLDER, since="then")


def test_the_numbers_of_a_scan_are_said_where_they_are_others(tmp_path: Path) -> None:
    said = Said(tmp_path, Choice())

    def scanned(files: int, copies: int) -> None:
        count = LeftOutCount()
        for number in range(files):
            count.add(Cause(By.EXCLUDE), tmp_path / f"{number}.tif", folder=False)
        said.wanted.scanned(tmp_path, count, [tmp_path / "copy.jpg"] * copies)

    for files, copies in ((0, 0), (2, 1), (2, 1), (3, 1), (0, 0), (0, 0), (3, 2)):
        scanned(files, copies)
    assert [one.files for (one,) in said.left_out] == [2, 3, 3]
    assert len(said.copies) == 2


def test_it_says_where_other_patterns_hold_than_before(tmp_path: Path) -> None:
    choice = Choice()
    wanted = Said(tmp_path, choice).wanted
    assert wanted.says_what_is_wanted([tmp_path / "a.jpg", tmp_path / "b" / IGNORE_FILE])
    assert not wanted.says_what_is_wanted([tmp_path / "a.jpg"])
    assert not wanted.has_changed()
    (tmp_path / IGNORE_FILE).write_text("*.tif\n")
    assert not wanted.wants(tmp_path / "a.tif", tmp_path)
    assert wanted.has_changed()
    assert not wanted.has_changed()
    (tmp_path / IGNORE_FILE).unlink()
    choice.look()
    assert wanted.has_changed()
    choice.patterns_in(tmp_path, tmp_path)
    wanted.scanned(tmp_path, LeftOutCount(), [])
    assert not wanted.has_changed(), "a scan of all has heeded it"
