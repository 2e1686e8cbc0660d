"""Beginnings and ends: restarts, kills, one process a folder, holders, a scratch store."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from pipeline.localstore import running_store
from tests.localstore.pictures import picture
from tests.localstore.process import ROOT, StoreProcess, refused_start


def holder(store: StoreProcess) -> socket.socket:
    parts = urlsplit(store.page)
    held = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
    held.sendall(b"GET /_hold HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert held.recv(1) == b"H"
    return held


def test_a_restart_changes_nothing_but_the_port(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "data", "--open", token=None) as store:
        image = store.upload(158, picture(), description="kept").json()["data"]
        token, path = store.token, urlsplit(store.url).path
        assert store.stop() == 0
    with StoreProcess(tmp_path / "data", "--open", token=None) as store:
        assert (store.token, urlsplit(store.url).path) == (token, path)
        [kept] = store.images(158)
        assert {**kept, **{name: 0 for name in kept if name.startswith("url_")}} == {
            **image,
            **{name: 0 for name in image if name.startswith("url_")},
        }
        assert store.control("GET", f"_originals/{image['id']}").content == picture()
        assert store.session.get(kept["url_zoom"], timeout=10).status_code == 200


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    data = tmp_path / "data"
    answered: list[int] = []
    for _ in range(4):
        store = StoreProcess(data, "--open", "--plan", "unlimited")
        enough = threading.Event()

        def upload(store: StoreProcess = store, enough: threading.Event = enough) -> None:
            with suppress(requests.RequestException):
                while True:
                    made = store.upload(1, picture())
                    answered.append(made.json()["data"]["id"])
                    if len(answered) % 7 == 6:
                        enough.set()

        thread = threading.Thread(target=upload)
        thread.start()
        assert enough.wait(10)
        store.process.send_signal(signal.SIGKILL)
        thread.join()
        store.kill()
    # Files of an upload that was cut off in between.
    stray = data / "pictures" / "00" / f"{'0' * 32}.original"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    with StoreProcess(data, "--open", "--plan", "unlimited") as store:
        there = [image["id"] for image in store.images(1)]
        assert set(answered) <= set(there)
        assert len(there) <= len(answered) + 4
        for id_ in there:
            assert store.control("GET", f"_originals/{id_}").content == picture()
        kept = [path for path in (data / "pictures").rglob("*") if path.is_file()]
        assert len(kept) == len(there)


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


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "one") as store:
        port = str(urlsplit(store.page).port)
        assert port in refused_start("--data", str(tmp_path / "two"), "--port", port)


def test_a_folder_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refused_start("--data", str(tmp_path / "file"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "store.sqlite3").write_bytes(b"this is no database" * 100)
    assert "cannot be used" in refused_start("--data", str(tmp_path / "data"))


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


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_though_clients_are_connected(
    tmp_path: Path, how: signal.Signals
) -> None:
    store = StoreProcess(tmp_path / "data", "--open")
    store.images(1)
    held = holder(store)
    store.misbehave({"do": "delay", "seconds": 60})
    thread = threading.Thread(target=lambda: _quietly(store))
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    store.process.send_signal(how)
    assert store.process.wait(10) == 0
    assert time.monotonic() - began < 3
    thread.join()
    held.close()
    store.session.close()
    assert "Traceback" not in store.log.read_text()


def _quietly(store: StoreProcess) -> None:
    with suppress(requests.RequestException):
        store.session.get(f"{store.url}/catalog/products", timeout=30)


def test_a_held_store_ends_when_its_last_holder_is_killed(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path / "data", "--hold")
    first = holder(store)
    program = (
        "import socket, sys, time;"
        f"s = socket.create_connection(('127.0.0.1', {urlsplit(store.page).port}));"
        "s.sendall(b'GET /_hold HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n');"
        "s.recv(1); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "held\n"
        # A terminal's Ctrl-C is for the runs, which end in their own time.
        store.process.send_signal(signal.SIGINT)
        first.close()
        time.sleep(2.5)
        assert store.process.poll() is None
        second.kill()
    began = time.monotonic()
    assert store.process.wait(10) == 0
    assert 1.5 < time.monotonic() - began < 4
    assert not (tmp_path / "data" / "running.json").exists()
    store.session.close()


def test_a_holder_who_comes_in_time_keeps_it_alive(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path / "data", "--hold")
    holder(store).close()
    time.sleep(1)
    again = holder(store)
    time.sleep(2)
    assert store.process.poll() is None
    assert store.process.returncode is None
    again.close()
    assert store.process.wait(10) == 0
    store.session.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_scratch_store_begins_with_the_folder_and_changes_nothing_in_it(
    tmp_path: Path, end: str
) -> None:
    data = tmp_path / "data"
    store = StoreProcess(data, "--open", token=None)
    image = store.upload(1, picture()).json()["data"]
    getattr(store, end)()
    before = contents(data)
    with StoreProcess(data, "--open", "--scratch", token=None) as scratch:
        assert scratch.token == store.token
        assert urlsplit(scratch.url).path == urlsplit(store.url).path
        [kept] = scratch.images(1)
        assert kept["image_file"] == image["image_file"]
        assert scratch.session.get(kept["url_zoom"], timeout=10).status_code == 200
        new = scratch.upload(1, picture(color="red")).json()["data"]
        assert scratch.control("GET", f"_originals/{new['id']}").content == picture(color="red")
        path = f"/catalog/products/1/images/{image['id']}"
        assert scratch.call("DELETE", path).status_code == 204
        # It has not locked the folder either.
        if end == "stop":
            with StoreProcess(data, "--open", token=None) as real:
                assert [one["id"] for one in real.images(1)] == [image["id"]]
            before = contents(data)
        assert scratch.control("GET", "").status_code == 200
    assert contents(data) == before


def test_a_scratch_store_needs_no_folder_and_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    with StoreProcess(tmp_path / "none", "--open", "--scratch", "--hold", token=None) as store:
        assert store.upload(1, picture()).status_code == 200
        held = holder(store)
        held.close()
        assert store.process.wait(10) == 0
    assert not (tmp_path / "none").exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_store_elsewhere_than_the_loopback_warns(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "data", "--host", "0.0.0.0") as store:
        assert "warning" in store.log.read_text()
        assert store.page.startswith("http://127.0.0.1:")
        assert store.control("GET", "_store").status_code == 200


def test_it_prints_one_line_and_only_that(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline.localstore", "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["pid"] == process.pid
        process.terminate()
        out, errors = process.communicate(timeout=10)
    assert (out, errors, process.returncode) == ("", "", 0)
