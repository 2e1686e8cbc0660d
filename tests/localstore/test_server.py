"""Beginnings and ends: restarts, kills, signals, ports, a scratch store."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests import posix
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess, refused_start


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


@pytest.mark.parametrize("kills", [2, pytest.param(12, marks=pytest.mark.long)])
def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path, kills: int) -> None:
    data = tmp_path / "data"
    answered: list[int] = []
    for _ in range(kills):
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
        assert enough.wait(60)
        store.process.send_signal(posix.SIGKILL)
        thread.join()
        store.kill()
    # Files of an upload that was cut off in between.
    stray = data / "pictures" / "00" / f"{'0' * 32}.original"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"stray")
    with StoreProcess(data, "--open", "--plan", "unlimited") as store:
        there = [image["id"] for image in store.images(1)]
        assert set(answered) <= set(there)
        assert len(there) <= len(answered) + kills
        for id_ in there:
            assert store.control("GET", f"_originals/{id_}").content == picture()
        kept = [path for path in (data / "pictures").rglob("*") if path.is_file()]
        assert len(kept) == len(there)


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "one") as store:
        port = str(urlsplit(store.page).port)
        assert port in refused_start("--data", str(tmp_path / "two"), "--port", port)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_quickly_though_clients_are_connected(
    tmp_path: Path, how: signal.Signals
) -> None:
    store = StoreProcess(tmp_path / "data", "--open")
    store.images(1)
    held = store.keep_alive()
    store.misbehave({"do": "delay", "seconds": 60})
    thread = threading.Thread(target=lambda: _quietly(store))
    thread.start()
    time.sleep(0.2)
    store.process.send_signal(how)
    assert store.process.wait(20) == 0, "it has not waited for the minute of the answer"
    thread.join()
    held.close()
    store.session.close()
    assert "Traceback" not in store.log.read_text()


def _quietly(store: StoreProcess) -> None:
    with suppress(requests.RequestException):
        store.session.get(f"{store.url}/catalog/products", timeout=30)


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
        held = store.keep_alive()
        held.close()
        assert store.process.wait(60) == 0
    assert not (tmp_path / "none").exists()
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_store_elsewhere_than_the_loopback_warns(tmp_path: Path) -> None:
    with StoreProcess(tmp_path / "data", "--host", "0.0.0.0") as store:
        assert "warning" in store.log.read_text()
        assert store.page.startswith("http://127.0.0.1:")
        assert store.control("GET", "_store").status_code == 200


def test_the_server_does_not_say_what_it_is_made_of(store: StoreProcess, product: int) -> None:
    assert "Server" not in store.call("GET", f"/catalog/products/{product}/images").headers


def test_any_store_hash_is_this_store(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    url = f"{store.page}stores/another/v3/catalog/products/{product}/images/{image['id']}"
    assert store.session.get(url, timeout=10).json()["data"] == image
