"""`pipeline watch`: what a call is told that is wrong; its life is a story of its own."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Studio


def test_a_call_without_a_folder_is_wrong(studio: Studio) -> None:
    watch = studio.pipeline("watch")
    assert watch.status == 2
    assert "FOLDERS" in watch.err


def test_a_file_is_no_folder_to_watch(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.touch()
    watch = studio.pipeline("watch", file)
    assert watch.status == 2
    assert "a.jpg" in watch.err


def test_the_programs_own_home_is_no_folder_to_watch(studio: Studio) -> None:
    folder = studio.pipeline.home / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    watch = studio.pipeline("watch", folder)
    assert watch.status == 2
    assert "lies in the home folder of this program" in watch.err
