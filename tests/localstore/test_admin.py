"""The routes that no shop has: who may use them, and what they say."""

from __future__ import annotations

import pytest
import requests

from tests.localstore.conftest import Start
from tests.localstore.pictures import picture
from tests.localstore.process import READ_ONLY, StoreProcess


@pytest.mark.parametrize("route", ["_log", "_faults", "_hold", "_originals/1"])
def test_a_web_page_whose_name_points_here_cannot_steer_the_store(
    store: StoreProcess, route: str
) -> None:
    answer = requests.get(store.page + route, headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 403


def test_the_token_steers_it_under_a_name_that_it_may_have(start: Start) -> None:
    store = start("--allow-host", "store.example")
    headers = {"Host": "store.example", "X-Auth-Token": store.token}
    assert requests.get(store.page + "_log", headers=headers, timeout=10).status_code == 200
    nobody = {"Host": "store.example"}
    assert requests.get(store.page + "_log", headers=nobody, timeout=10).status_code == 403
    wrong = {**headers, "X-Auth-Token": READ_ONLY}
    assert requests.get(store.page + "_log", headers=wrong, timeout=10).status_code == 403


def test_it_says_which_store_it_is_and_how_it_behaves(store: StoreProcess, product: int) -> None:
    before = store.control("GET", "_store").json()
    store.upload(product, picture())
    after = store.control("GET", "_store").json()
    assert after["pid"] == store.pid
    assert f"/stores/{after['hash']}/v3" in store.url
    assert after["images"] == before["images"] + 1
    assert after["products"] == before["products"] + 1
    assert after["quirks"]["empty_listing"] == "204"
    assert after["limits"]["upload_bytes"] == 2**20


def test_an_original_that_is_not_there_is_404(store: StoreProcess) -> None:
    assert store.control("GET", f"_originals/{2**40}").status_code == 404
