"""What the system tells of files and disks."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from pipeline.intake.watching.platforms import is_on_network_drive, is_open_for_writing
from tests.intake.watching.watched import LINUX


@LINUX
def test_the_system_tells_whether_somebody_may_still_write(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    assert is_open_for_writing(path, path.parent) is False
    with path.open("rb"):
        assert is_open_for_writing(path, path.parent) is False
    with path.open("ab"):
        assert is_open_for_writing(path, path.parent) is True
    assert is_open_for_writing(path, path.parent) is False
    assert is_open_for_writing(tmp_path / "none.jpg", tmp_path) is None


@LINUX
def test_asking_who_writes_harms_nobody_who_begins_to_write_just_then(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with path.open("ab"):
                pass

    thread = threading.Thread(target=write)
    thread.start()
    answers = {is_open_for_writing(path, path.parent) for _ in range(3000)}
    over.set()
    thread.join()
    assert answers <= {True, False}


MOUNTS = """\
/dev/vda1 / ext4 rw,relatime 0 0
//nas/studio /mnt/studio\\040disk cifs rw,vers=3.1.1 0 0
/dev/sdb1 /mnt/studio\\040disk/local ext4 rw 0 0
ann@host: /home/ann/sftp fuse.sshfs rw,nosuid 0 0
tmpfs /mnt/cache tmpfs rw 0 0
nas:/export /mnt/twice nfs4 rw 0 0
/dev/sdc1 /mnt/twice ext4 rw 0 0
/dev/sdd1 /mnt/under ext4 rw 0 0
nas:/under /mnt/under nfs4 rw 0 0
"""


@LINUX
@pytest.mark.parametrize(
    ("folder", "on_network"),
    [
        ("/mnt/studio disk/in", True),
        ("/mnt/studio disk", True),
        ("/mnt/studio disk/local/in", False),
        ("/mnt/studio diskette", False),
        ("/home/ann/sftp/x", True),
        ("/mnt/cache", False),
        ("/mnt/twice/in", False),
        ("/mnt/under/in", True),
        ("/srv", False),
    ],
)
def test_a_network_drive_is_known_by_the_mount_that_a_folder_lies_below(
    folder: str, on_network: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path), raising=False)
    assert is_on_network_drive(Path(folder)) is on_network


def test_this_machines_own_disk_is_no_network_drive(tmp_path: Path) -> None:
    assert is_on_network_drive(tmp_path) is is_on_network_drive(tmp_path / "not there yet")
    assert is_on_network_drive(Path("//server/share/in")) is False or sys.platform == "win32"


@pytest.mark.parametrize("error", [psutil.AccessDenied(), OSError("no table")])
def test_where_the_system_does_not_tell_a_drive_is_taken_as_this_machines_own(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(all: bool = False) -> NoReturn:  # noqa: A002
        raise error

    monkeypatch.setattr(psutil, "disk_partitions", fails)
    assert is_on_network_drive(tmp_path) is False
