"""Folders that somebody made to be unpleasant: names of any bytes, depths, lengths, crowds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.intake import accept, scan
from pipeline.lifecycle import Reason
from pipeline.values import Arrival, Door
from tests.makers import START


def found(folder: Path) -> list[Arrival]:
    return list(scan([folder], door=Door.RUN, now=START))


NAMES = [
    pytest.param(b"two\nlines.jpg", id="newline"),
    pytest.param(b"tab\tand\x1b[31mred.jpg", id="control"),
    pytest.param("caf\u00e9.jpg".encode(), id="NFC"),
    pytest.param("cafe\u0301.jpg".encode(), id="NFD"),
    pytest.param(b"latin\xe9.jpg", id="not-UTF-8"),
    pytest.param(b"\xff\xfe.jpg", id="no-text-at-all"),
    pytest.param(b"a" * 251 + b".jpg", id="255-bytes"),
    pytest.param("\u202egpj.exe.jpg".encode(), id="right-to-left"),
    pytest.param(b"-rf.jpg", id="leading-dash"),
    pytest.param(b' "quoted" \'; rm $(x) `y` \\.jpg ', id="shell"),
    pytest.param(b"CON.jpg", id="device-name"),
    pytest.param("😀.jpg".encode(), id="outside-the-basic-plane"),
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_bytes_come_back_as_they_are_and_can_be_taken_in(
    tmp_path: Path, name: bytes
) -> None:
    file = tmp_path / os.fsdecode(name)
    try:
        file.write_bytes(b"a photograph")
    except OSError as error:
        pytest.skip(f"this file system does not take the name: {error}")
    (arrival,) = found(tmp_path)
    assert os.fsencode(arrival.path.name) == name
    assert accept(arrival, most_bytes=1000).path == file


def test_composed_and_decomposed_names_are_two_files_where_the_disk_says_so(
    tmp_path: Path,
) -> None:
    for form in ("caf\u00e9.jpg", "cafe\u0301.jpg"):
        (tmp_path / form).write_bytes(b"a photograph")
    assert len(found(tmp_path)) == len(list(tmp_path.iterdir()))


def test_folders_that_lie_deeper_than_python_calls_are_walked(tmp_path: Path) -> None:
    depth = 1100
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=here)
            below = os.open("d", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(os.open("a.jpg", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    finally:
        os.close(here)
    (arrival,) = found(tmp_path)
    assert len(arrival.path.relative_to(tmp_path).parts) == depth + 1
    # Deeper than Python itself could remove it.
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_path_longer_than_the_system_takes_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    # Made by hand over hand, for no single call takes so long a path.
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(20):
            os.mkdir("d" * 250, dir_fd=here)
            below = os.open("d" * 250, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
    finally:
        os.close(here)
    (arrival,) = found(tmp_path)
    with pytest.raises(PhotoRefused) as refusal:
        accept(arrival, most_bytes=1000)
    assert refusal.value.reason is Reason.UNREADABLE


def test_ten_thousand_files_are_found_each_once(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.jpg").touch()
    assert [arrival.path.name for arrival in found(tmp_path)] == [
        f"{number}.jpg" for number in range(10_000)
    ]
