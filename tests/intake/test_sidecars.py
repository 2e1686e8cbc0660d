from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.sidecars import is_raw, is_sidecar
from pipeline.values import Door


@pytest.mark.parametrize(
    ("name", "raw"),
    [("a.CR3", True), ("a.dng", True), ("a.jpg.xmp", True), ("a.jpg", False), ("CR3", False)],
)
def test_raw_files_and_sidecars_are_known_by_their_suffix(name: str, raw: bool) -> None:
    assert is_raw(Path(name)) is raw


@pytest.mark.parametrize("door", [Door.WATCH, Door.HOOK])
def test_a_raw_file_that_a_camera_writes_is_not_asked_for_its_picture(
    door: Door, tmp_path: Path
) -> None:
    assert is_sidecar(tmp_path / "IMG_1.CR3", door)
    assert not is_sidecar(tmp_path / "IMG_1.JPG", door)


def test_in_a_folder_of_a_run_a_raw_file_is_one_only_beside_its_picture(tmp_path: Path) -> None:
    raw, alone, note = tmp_path / "a.nef", tmp_path / "b.nef", tmp_path / "c.png.xmp"
    (tmp_path / "a.JPG").touch()
    (tmp_path / "c.png").touch()
    assert is_sidecar(raw, Door.RUN)
    assert is_sidecar(note, Door.RUN)
    assert not is_sidecar(alone, Door.RUN)


def test_a_thumbnail_that_gphoto2_brings_along_is_one_for_the_hook_alone(tmp_path: Path) -> None:
    thumbnail = tmp_path / "thumb_IMG_1.jpg"
    assert is_sidecar(thumbnail, Door.HOOK)
    assert not is_sidecar(thumbnail, Door.WATCH)
    assert not is_sidecar(thumbnail, Door.RUN)


@pytest.mark.parametrize("name", ["a.jpg_original", "a.jpg.bak", "a_original", "Icon\r"])
def test_a_backup_for_which_a_program_calls_the_hook_is_one_and_a_named_one_is_not(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "a").touch()
    assert is_sidecar(tmp_path / name, Door.HOOK)
    assert not is_sidecar(tmp_path / name, Door.RUN)
    assert not is_sidecar(tmp_path / "a.jpg", Door.HOOK)
