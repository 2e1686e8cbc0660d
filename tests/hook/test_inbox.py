from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from pipeline.home import WATCH_LOCK
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
