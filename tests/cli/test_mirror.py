"""What `pipeline run --mirror` refuses; what it does is told in `tests/stories`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Studio


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--limit", "2"), "--mirror takes whole folders"),
        (("--newer-than", "today"), "--mirror takes whole folders"),
        (("--json",), "give --dry-run with --mirror --json"),
        (("no-such-folder",), "no-such-folder is not there"),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    studio: Studio, words: tuple[str, ...], said: str
) -> None:
    run = studio.pipeline("run", "--mirror", *words, studio.stored.parent)
    assert run.status == 2
    assert said in run.err


def test_it_takes_folders_alone_and_needs_one(studio: Studio, tmp_path: Path) -> None:
    file = studio.pipeline("run", "--mirror", "--yes", studio.stored)
    assert "--mirror takes whole folders, and" in file.err
    assert "name the folders" in studio.pipeline("run", "--mirror").err
    empty = studio.pipeline("run", "--mirror", "--yes", tmp_path)
    assert empty.status == 2
    assert "no photograph of a product lies in" in empty.err
    assert len(studio.store.images(158)) == 1
