"""A process is alive as long as it holds its lock, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import LedgerError
from pipeline.ledger.sqlite.owners import LockedOwner, command_line, is_dead
from tests.permissions import permissions_in_force


def test_an_owner_lives_until_it_leaves_however_often_one_asks(tmp_path: Path) -> None:
    owner, other = LockedOwner(tmp_path / "owners", "run"), LockedOwner(tmp_path / "owners", "hook")
    for _ in range(3):
        assert not other.is_dead(owner.id)
    owner.leave()
    assert other.is_dead(owner.id)
    other.leave()
    assert list((tmp_path / "owners").iterdir()) == []


def test_an_owner_without_a_lock_is_dead_and_a_lock_that_nobody_holds_goes(tmp_path: Path) -> None:
    assert is_dead(tmp_path, "never")
    left = tmp_path / "left.lock"
    left.touch()
    assert is_dead(tmp_path, "left")
    assert not left.exists()


def test_no_two_owners_have_one_name(tmp_path: Path) -> None:
    owners = [LockedOwner(tmp_path, "run") for _ in range(5)]
    assert len({owner.id for owner in owners}) == 5
    for owner in owners:
        owner.leave()


def test_a_folder_that_cannot_be_written_is_an_error_of_the_ledger(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with permissions_in_force(), pytest.raises(LedgerError, match="cannot be written"):
            LockedOwner(tmp_path / "owners", "run")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["run", "Shop 1/new", "--product", "158"], "pipeline run 'Shop 1/new' --product 158"),
        (
            ["images", "create", "158", "https://me:secret@host/a.jpg?signature=secret#part"],
            "pipeline images create 158 https://host/a.jpg",
        ),
        (["images", "create", "158", "http://[nonsense"], "pipeline images create 158 '…'"),
    ],
)
def test_a_commands_line_is_kept_as_people_write_it_without_secrets(
    words: list[str], line: str
) -> None:
    assert command_line(words) == line


def test_of_a_very_long_command_the_beginning_is_kept() -> None:
    line = command_line(["run", *map(str, range(10_000))])
    assert len(line) == 1_000
    assert line.startswith("pipeline run 0 1 2")
    assert line.endswith("…")
