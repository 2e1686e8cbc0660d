"""What the store has seen, for a test to judge."""

from __future__ import annotations

import time

from pipeline.localstore.request_log import RequestLog
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess


def test_the_log_says_what_was_seen(store: StoreProcess, product: int) -> None:
    before = store.seen()[-1]["number"] if store.seen() else 0
    image = store.upload(product, picture(), "seen.png").json()["data"]
    store.call("GET", f"/catalog/products/{product}/images?limit=3")
    said = store.control("GET", f"_log?since={before}").json()
    posted, listed = said["requests"]
    assert posted["method"] == "POST"
    assert posted["path"] == f"/catalog/products/{product}/images"
    assert (posted["image_id"], posted["uploaded_name"]) == (image["id"], "seen.png")
    assert posted["bytes"] > len(picture())
    assert (posted["status"], posted["done"], posted["fault"]) == (200, True, None)
    assert abs(posted["at"] - time.time()) < 30
    assert (listed["method"], listed["query"], listed["image_id"]) == ("GET", "limit=3", None)
    assert said["counters"]["images made"] >= 1


def test_the_log_can_be_cleared(store: StoreProcess, product: int) -> None:
    store.call("GET", f"/catalog/products/{product}/images")
    assert store.control("DELETE", "_log").status_code == 204
    assert store.seen() == []
    assert store.control("GET", "_log?since=x").status_code == 422


def test_the_last_ten_thousand_requests_are_kept_and_all_are_counted() -> None:
    log = RequestLog()
    for place in range(10_003):
        log.end(log.begin("GET", f"/{place}", ""), 0.1)
    said = log.as_data(since=0)
    assert len(said["requests"]) == 10_000
    assert said["requests"][0]["number"] == 4
    assert said["counters"] == {"requests": 10_003, "method GET": 10_003, "status none": 10_003}
    assert [one["number"] for one in log.as_data(since=10_001)["requests"]] == [10_002, 10_003]
