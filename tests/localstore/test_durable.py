"""Files that are whole under their name, or not there."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pipeline.localstore.durable import write_whole


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "note"
    write_whole(file, b"before")
    write_whole(file, b"after")
    assert file.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    file = tmp_path / "token"
    write_whole(file, b"secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_where_it_cannot_get_its_name_nothing_is_left(tmp_path: Path) -> None:
    taken = tmp_path / "note"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises((IsADirectoryError, PermissionError)):
        write_whole(taken, b"content")
    assert list(tmp_path.iterdir()) == [taken]
