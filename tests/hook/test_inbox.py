from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from pipeline.home import INBOX_FOLDER, WATCH_LOCK
from pipeline.hook import inbox


@given(
    st.dictionaries(
        st.binary(min_size=1, max_size=8).filter(lambda name: not set(name) & set(b"\0=")),
        st.binary(max_size=300).filter(lambda value: b"\0" not in value),
        min_size=1,
    )
)
def test_an_entry_gives_back_whatever_bytes_a_path_has(fields: dict[bytes, bytes]) -> None:
    told = {os.fsdecode(name): os.fsdecode(value) for name, value in fields.items()}
    with TemporaryDirectory() as home:
        assert inbox.read_entry(inbox.add_entry(home, told)) == told


def test_a_held_lock_is_seen_without_the_library_that_took_it(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert not inbox.is_locked(home, WATCH_LOCK)
    lock = FileLock(tmp_path / WATCH_LOCK)
    with lock:
        assert inbox.is_locked(home, WATCH_LOCK)
    assert not inbox.is_locked(home, WATCH_LOCK)
    with lock.acquire(blocking=False):
        assert inbox.is_locked(home, WATCH_LOCK)


def test_copies_that_belong_to_no_entry_are_swept_away_once_they_are_old(tmp_path: Path) -> None:
    home = str(tmp_path)
    noted, aside, left = (inbox.add_entry(home, {"n": str(n)}, n) for n in range(3))
    for entry in (noted, aside, left):
        Path(inbox.copy_of(entry)).write_bytes(b"a photograph")
    inbox.set_aside(aside, "it makes no sense")
    Path(left).unlink()
    inbox.sweep_copies(home, time.time() - 60)
    assert Path(inbox.copy_of(left)).exists(), "its hook may be about to write its entry"
    inbox.sweep_copies(home, time.time() + 60)
    assert not Path(inbox.copy_of(left)).exists()
    assert Path(inbox.copy_of(noted)).exists()
    assert Path(inbox.copy_of(aside)).exists(), "somebody may put the entry back"


def test_an_entry_goes_before_its_copy(tmp_path: Path) -> None:
    entry = inbox.add_entry(str(tmp_path), {"what": "is this"})
    Path(inbox.copy_of(entry)).write_bytes(b"a photograph")
    assert inbox.entries(str(tmp_path)) == [entry]
    inbox.remove_entry(entry, with_copy=False)
    assert Path(inbox.copy_of(entry)).exists()
    inbox.remove_entry(entry)
    assert list((tmp_path / INBOX_FOLDER).iterdir()) == []
