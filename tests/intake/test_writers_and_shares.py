"""What the system tells of files and disks."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pipeline.intake.watching.platforms import is_being_written
from pipeline.intake.watching.shares import share_of
from tests.intake.watched import LINUX


@LINUX
def test_the_system_tells_whether_somebody_may_still_write(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"a")
    assert is_being_written(path) is False
    with path.open("rb"):
        assert is_being_written(path) is False
    with path.open("ab"):
        assert is_being_written(path) is True
    assert is_being_written(path) is False
    assert is_being_written(tmp_path / "none.jpg") is None


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
    answers = {is_being_written(path) for _ in range(3000)}
    over.set()
    thread.join()
    assert answers <= {True, False}


MOUNTS = """\
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
90 22 0:45 / /mnt/studio\\040disk rw,relatime shared:50 - cifs //nas/studio rw,vers=3.1.1
91 90 0:46 / /mnt/studio\\040disk/local rw - ext4 /dev/sdb1 rw
92 22 0:47 / /home/ann/sftp rw,nosuid - fuse.sshfs ann@host: rw
93 22 0:48 / /mnt/cache rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("folder", "shared"),
    [
        ("/mnt/studio disk/in", True),
        ("/mnt/studio disk", True),
        ("/mnt/studio disk/local/in", False),
        ("/mnt/studio diskette", False),
        ("/home/ann/sftp/x", True),
        ("/mnt/cache", False),
        ("/srv", False),
    ],
)
def test_a_network_disk_is_told_by_the_mount_that_a_folder_lies_below(
    folder: str, shared: bool
) -> None:
    assert share_of(Path(folder), MOUNTS) is shared
