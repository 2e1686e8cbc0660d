"""`pipeline resume` and `drop`, as far as nothing is to be sent: `pipeline.cli.pending`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import EXIT_WRONG, commands


@pytest.mark.parametrize(
    "words",
    [[], ["--all-pending", "a.jpg"], ["--batch", "1", "a.jpg"], ["--batch", "1", "--all-pending"]],
)
def test_it_is_said_what_is_to_be_dropped(tmp_path: Path, words: list[str]) -> None:
    ended = CliRunner().invoke(commands, ["drop", "--home", str(tmp_path / "home"), *words])
    assert ended.exit_code == EXIT_WRONG
    assert "name files or folders, or give --batch or --all-pending" in ended.output
    assert not (tmp_path / "home").exists()
