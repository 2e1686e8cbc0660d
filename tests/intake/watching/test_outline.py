"""The folders below a watched one, and in which of them names came or went."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline.intake.watching import outline as module
from pipeline.intake.watching.outline import Outline


def changed(outline: Outline, top: Path) -> set[str]:
    return {
        folder.relative_to(top).as_posix() for folder in outline.changed() if folder is not None
    }


def age(*folders: Path) -> None:
    """Make it so long ago that they were changed that their time can be trusted."""
    for number, folder in enumerate(folders):
        then = time.time() - 3600 + number
        os.utime(folder, (then, then))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/b", "c", ".hidden/d"):
        (tmp_path / name).mkdir(parents=True)
    age(tmp_path, tmp_path / "a", tmp_path / "a/b", tmp_path / "c")
    return tmp_path


def test_the_first_look_finds_every_folder_and_the_next_none(tree: Path) -> None:
    outline = Outline(tree)
    assert changed(outline, tree) == {".", "a", "a/b", "c"}
    assert changed(outline, tree) == set()


def test_a_folder_in_which_something_came_went_or_was_renamed_has_changed(tree: Path) -> None:
    (tree / "c/x.jpg").write_bytes(b"x")
    age(tree / "c")
    outline = Outline(tree)
    changed(outline, tree)
    (tree / "a/b/new.jpg").write_bytes(b"new")
    (tree / "c/x.jpg").rename(tree / "c/y.jpg")
    assert changed(outline, tree) == {"a/b", "c"}
    age(tree / "a/b", tree / "c")
    changed(outline, tree)
    (tree / "c/y.jpg").unlink()
    assert changed(outline, tree) == {"c"}


def test_what_changed_just_now_is_looked_at_once_more(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outline = Outline(tree)
    changed(outline, tree)
    (tree / "c/new.jpg").write_bytes(b"new")
    assert changed(outline, tree) == {"c"}
    assert changed(outline, tree) == {"c"}, "its time may not have changed with a second file"
    monkeypatch.setattr(module, "TRUSTED_SECONDS", -10.0)
    assert changed(outline, tree) == {"c"}
    assert changed(outline, tree) == set()


def test_folders_that_came_in_went_or_took_anothers_place_are_known(tree: Path) -> None:
    outline = Outline(tree)
    changed(outline, tree)
    (tree / "in/deep").mkdir(parents=True)
    assert changed(outline, tree) >= {".", "in", "in/deep"}
    age(tree, tree / "in", tree / "in/deep")
    changed(outline, tree)
    (tree / "c").rename(tree / "gone")
    (tree / "in/deep").rename(tree / "c")
    assert {".", "gone", "c"} <= changed(outline, tree)


def test_a_link_is_not_followed_and_a_tree_that_is_gone_is_empty(tree: Path) -> None:
    elsewhere = tree / "a"
    watched = tree / "c"
    (watched / "link").symlink_to(elsewhere, target_is_directory=True)
    outline = Outline(watched)
    assert changed(outline, watched) == {"."}
    (watched / "link").unlink()
    watched.rmdir()
    assert changed(outline, watched) == set()
