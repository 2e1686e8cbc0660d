"""Where a named file or folder is not there, the sentence says which may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.given_paths import ThereAlready
from tests.stories.commands import Command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Fotos 2026-11"
    folder.mkdir()
    (folder / "SM-13_1.jpg").touch()
    return folder


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{0}/Fotos", "is '{0}/Fotos 2026-11' meant? A name with spaces is put between quotation"),
        ('"{0}/Fotos 2026-11"', "quotation marks are part of the name; leave them out"),
        ("“{0}/Fotos 2026-11”", "quotation marks are part of the name; leave them out"),
        ("{0}/Fotos 2026-11/SM-31_1.jpg", "is '{0}/Fotos 2026-11/SM-13_1.jpg' meant?"),
        ("{0}/away/SM-13", "its folder {0}/away is not, either"),
        ("{0}/zzz", "(looked in {0})"),
        ("", "is not there"),
    ],
)
def test_what_is_not_there_is_told_with_what_may_be_meant(
    folder: Path, given: str, said: str
) -> None:
    pipeline = Command(folder.parent / "home")
    for command in ("names", "run"):
        run = pipeline(command, given.format(folder.parent))
        assert (run.status, run.out) == (2, "")
        assert said.format(folder.parent) in run.err


def test_what_is_there_is_a_path(folder: Path) -> None:
    assert ThereAlready().convert(str(folder), None, None) == folder
