"""The data folder: one process at a time, a note that is true, a token that is private."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from filelock import FileLock

from pipeline.localstore import LocalStoreError, RunningStore, running_store
from pipeline.localstore.instance import kept_token, locked
from tests.localstore.process import StoreProcess, refused_start


def test_two_stores_never_share_a_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = StoreProcess(data)
    said = refused_start("--data", str(data))
    assert f"process {store.pid}" in said
    assert str(data) in said
    store.kill()
    with StoreProcess(data) as after:
        assert running_store(data) is not None
        assert after.pid != store.pid


def test_the_note_of_a_running_store_is_true_and_private(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert running_store(data) is None
    with StoreProcess(data, token=None) as store:
        found = running_store(data)
        assert found is not None
        assert (found.pid, found.url, found.page) == (store.pid, store.url, store.page)
        assert found.token == store.token
        assert found.token not in repr(found)
        for name in ("running.json", "token"):
            assert stat.S_IMODE((data / name).stat().st_mode) == 0o600
        note = (data / "running.json").read_text()
    assert not (data / "running.json").exists()
    assert running_store(data) is None
    (data / "running.json").write_text(note)
    assert running_store(data) is None
    (data / "running.json").write_text("{")
    assert running_store(data) is None


def test_the_note_of_a_killed_store_is_not_believed(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path / "data")
    store.kill()
    assert (tmp_path / "data" / "running.json").exists()
    assert running_store(tmp_path / "data") is None
    # Nor when another store has its port by now.
    with StoreProcess(tmp_path / "other", "--port", str(urlsplit(store.page).port)):
        assert running_store(tmp_path / "data") is None


def test_the_note_says_who_has_the_folder_before_and_after_it_answers(tmp_path: Path) -> None:
    with locked(tmp_path) as note:
        assert noted(tmp_path)["pid"] == os.getpid()
        assert "url" not in noted(tmp_path)
        store = RunningStore(pid=os.getpid(), url="http://a/v3", token="t", page="http://a/")
        note.answers(store)
        assert noted(tmp_path)["url"] == store.url
        note.answers_no_more()
        assert "token" not in noted(tmp_path)
        with pytest.raises(LocalStoreError, match=f"process {os.getpid()} "), locked(tmp_path):
            pass
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_what_a_store_from_before_noted_is_read_while_it_runs_and_swept_away_later(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    lock = FileLock(data / "lock")
    with lock:
        (data / "holder.json").write_text('{"pid": 7, "since": "2026-01-02T03:04:05+00:00"}')
        (data / "running.json").write_text('{"pid": 7, "url": "u", "token": "t", "page": "p"}')
        said = refused_start("--data", str(data))
        assert "process 7 (since 2026-01-02T03:04:05+00:00)" in said
        assert (data / "holder.json").exists()
    # It was killed, and left both of its notes.
    with StoreProcess(data) as store:
        assert not (data / "holder.json").exists()
        found = running_store(data)
        assert found is not None
        assert found.pid == store.pid
    assert not (data / "running.json").exists()


def test_a_token_is_made_once_and_kept(tmp_path: Path) -> None:
    unkept = kept_token(tmp_path, keep=False)
    assert not (tmp_path / "token").exists()
    token = kept_token(tmp_path, keep=True)
    assert token != unkept
    assert re.fullmatch(r"[0-9a-f]{40}", token)
    assert kept_token(tmp_path, keep=True) == kept_token(tmp_path, keep=False) == token
    (tmp_path / "token").write_text("with a blank")
    with pytest.raises(LocalStoreError, match="visible ASCII"):
        kept_token(tmp_path, keep=True)


def noted(data: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((data / "running.json").read_text())
    return found
