"""What is taken of a tree: patterns of the command, of folders and of the settings together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.intake import scan
from pipeline.intake.choice import IGNORE_FILE, Choice, NewerThan
from pipeline.left_out import By, Cause, LeftOutCount
from pipeline.values import Door
from tests.makers import START
from tests.permissions import permissions_in_force


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for name in (
        "SM-13/a.jpg",
        "SM-13/b_draft.jpg",
        "SM-13/Rejected/c.jpg",
        "SM-14/d.jpg",
        "e.jpg",
    ):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"a photograph")
    return folder


def taken(choice: Choice, *paths: Path, count: LeftOutCount | None = None) -> list[str]:
    found = scan(paths, door=Door.RUN, now=START, choice=choice, left_out=count)
    return [arrival.path.name for arrival in found]


def causes(count: LeftOutCount) -> list[tuple[By, int, int]]:
    return [(one.cause.by, one.files, one.folders) for one in count.all]


def wish(folder: Path, *lines: str) -> None:
    (folder / IGNORE_FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")


def test_without_a_wish_all_is_taken(top: Path) -> None:
    assert taken(Choice(), top) == ["e.jpg", "a.jpg", "b_draft.jpg", "c.jpg", "d.jpg"]


def test_folders_of_certain_names_are_left_out_in_capitals_or_not(top: Path) -> None:
    count = LeftOutCount()
    choice = Choice(left_out_folders=["rejected", "Trash/"])
    assert taken(choice, top, count=count) == ["e.jpg", "a.jpg", "b_draft.jpg", "d.jpg"]
    assert causes(count) == [(By.FOLDER_SETTING, 0, 1)]


def test_of_the_programs_own_folder_nothing_is_taken_also_where_it_is_named(top: Path) -> None:
    count = LeftOutCount()
    home = top / "SM-13" / "Rejected"
    assert "c.jpg" not in taken(Choice(home=home), top, count=count)
    assert taken(Choice(home=home), home, home / "c.jpg", count=count) == []
    assert causes(count) == [(By.HOME, 1, 2)]


def test_a_folder_that_is_named_is_taken_whatever_its_name(top: Path) -> None:
    choice = Choice(left_out_folders=["Rejected", "photos"], exclude_setting=["SM-13/"])
    assert taken(choice, top / "SM-13" / "Rejected", top / "SM-14") == ["c.jpg", "d.jpg"]
    assert taken(choice, top) == ["e.jpg", "d.jpg"]


def test_a_file_of_the_name_of_such_a_folder_is_a_file(top: Path) -> None:
    (top / "Trash").write_bytes(b"a photograph")
    assert "Trash" in taken(Choice(left_out_folders=["Trash"]), top)


def test_the_command_comes_before_folders_and_these_before_the_settings(top: Path) -> None:
    wish(top / "SM-13", "!Rejected/", "a.jpg")

    def choice(*exclude: str) -> Choice:
        return Choice(
            exclude=exclude, left_out_folders=["Rejected"], exclude_setting=["*_draft.jpg"]
        )

    assert taken(choice(), top) == ["e.jpg", "c.jpg", "d.jpg"]
    over = choice("!a.jpg", "!*_draft.jpg", "Rejected")
    assert taken(over, top) == ["e.jpg", "a.jpg", "b_draft.jpg", "d.jpg"]


def test_the_deeper_file_with_patterns_wins(top: Path) -> None:
    wish(top, "*.jpg", "!e.jpg")
    wish(top / "SM-13", "!*_draft.jpg", "/Rejected")
    count = LeftOutCount()
    assert taken(Choice(), top, count=count) == ["e.jpg", "b_draft.jpg"]
    assert [(one.cause, one.files, one.folders) for one in count.all] == [
        (Cause(By.IGNORE_FILE, top), 2, 0),
        (Cause(By.IGNORE_FILE, top / "SM-13"), 0, 1),
    ]


def test_only_what_is_included_is_taken_and_a_folder_includes_what_is_in_it(top: Path) -> None:
    assert taken(Choice(include=["SM-13/"]), top) == ["a.jpg", "b_draft.jpg", "c.jpg"]
    assert taken(Choice(include=["SM-13/", "!Rejected/"]), top) == ["a.jpg", "b_draft.jpg"]
    assert taken(Choice(include=["*_draft.*", "e.*"]), top) == ["e.jpg", "b_draft.jpg"]
    assert taken(Choice(include=["SM-13/"]), top / "SM-13", top / "SM-14") == [
        "a.jpg", "b_draft.jpg", "c.jpg",
    ]  # fmt: skip
    both = Choice(include=["SM-13/"], include_setting=["*.jpg", "!c.jpg"])
    assert taken(both, top) == ["a.jpg", "b_draft.jpg"]


def test_to_include_brings_nothing_back_that_something_else_leaves_out(top: Path) -> None:
    choice = Choice(include=["Rejected/"], left_out_folders=["Rejected"])
    count = LeftOutCount()
    assert taken(choice, top, count=count) == []
    assert causes(count) == [(By.INCLUDE, 4, 0), (By.FOLDER_SETTING, 0, 1)]


def test_of_what_was_named_the_same_command_alone_leaves_something_out(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(top)
    wish(top / "SM-13", "*")
    files = [top / "SM-13" / "a.jpg", top / "SM-13" / "b_draft.jpg"]
    settings = Choice(
        exclude_setting=["*"], include_setting=["nothing"], left_out_folders=["SM-13"]
    )
    assert taken(settings, *files) == ["a.jpg", "b_draft.jpg"]
    assert taken(Choice(exclude=["*_draft*"]), *files) == ["a.jpg"]
    assert taken(Choice(include=["*_draft*"]), *files) == ["b_draft.jpg"]
    assert taken(Choice(exclude=["SM-13/"]), *files) == []
    assert taken(Choice(include=["SM-13/"]), *files) == ["a.jpg", "b_draft.jpg"]
    count = LeftOutCount()
    assert taken(Choice(exclude=["SM-14"]), top / "SM-14", files[0], count=count) == ["a.jpg"]
    assert causes(count) == [(By.EXCLUDE, 0, 1)]


def test_a_folder_that_is_left_out_is_not_opened(top: Path) -> None:
    locked = top / "SM-13" / "Rejected"
    locked.chmod(0)
    try:
        with permissions_in_force():
            assert "Rejected" not in taken(Choice(left_out_folders=["Rejected"]), top)
            assert "Rejected" in taken(Choice(), top), "it is told that it cannot be read"
    finally:
        locked.chmod(0o700)


def test_what_was_written_before_a_moment_is_left_out_wherever_it_lies(top: Path) -> None:
    old = top / "SM-13" / "a.jpg"
    os.utime(old, (1_700_000_000, 1_700_000_000))
    choice = Choice(newer_than=NewerThan(at=1_700_000_001 * 10**9, said="then"))
    count = LeftOutCount()
    assert taken(choice, top, old, count=count) == ["e.jpg", "b_draft.jpg", "c.jpg", "d.jpg"]
    assert [(one.cause, one.files) for one in count.all] == [(Cause(By.OLDER, since="then"), 2)]
    exactly = Choice(newer_than=NewerThan(at=1_700_000_000 * 10**9, said="then"))
    assert taken(exactly, old) == ["a.jpg"]


@pytest.mark.parametrize("how", ["large", "folder", "link"])
def test_where_patterns_cannot_be_read_nothing_of_that_folder_is_taken(top: Path, how: str) -> None:
    file = top / "SM-13" / IGNORE_FILE
    if how == "large":
        file.write_bytes(b"# nothing\n" * 200_000)
    elif how == "folder":
        file.mkdir()
    else:
        file.symlink_to(top / "e.jpg")
    count = LeftOutCount()
    assert taken(Choice(), top, count=count) == ["e.jpg", "d.jpg"]
    assert count.all[0].cause == Cause(By.UNREADABLE, top / "SM-13")


def test_a_path_is_judged_as_a_scan_judges_it(top: Path) -> None:
    wish(top / "SM-13", "*_draft.jpg")
    choice = Choice(left_out_folders=["Rejected"], include=["*.jpg"])
    taken_ones = set(taken(choice, top))
    for path in top.rglob("*.jpg"):
        found = choice.of_path(path, top, folder=False)
        assert (found is None) == (path.name in taken_ones)
    rejected = top / "SM-13" / "Rejected"
    assert choice.of_path(rejected / "c.jpg", top, folder=False) == (
        Cause(By.FOLDER_SETTING),
        rejected,
    )
    assert choice.scope_of(rejected, top) is None
    assert choice.of_path(top, top, folder=True) is None


def test_it_is_noticed_where_patterns_come_change_or_go(top: Path) -> None:
    choice = Choice()

    def judged() -> int:
        taken(choice, top)
        choice.look()
        return choice.version

    versions = [judged(), judged()]
    wish(top / "SM-13", "a.jpg")
    versions += [judged(), judged()]
    wish(top / "SM-13", "b_draft.jpg")
    versions += [judged(), judged()]
    (top / "SM-13" / IGNORE_FILE).unlink()
    versions += [judged(), judged()]
    before, came, changed, gone = versions[::2]
    assert versions[1::2] == [before, came, changed, gone]
    assert before < came < changed < gone
