"""Everything that the local store can do wrong, and the error that follows each.

What matters is whether an image may have been made: `StoreUnsure` wherever it may, another error
only where it certainly was not.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import (
    StoreDenied,
    StoreError,
    StoreIntercepted,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.upload import StoreClient
from tests.localstore.process import StoreProcess
from tests.servers import client_of, quick

POSTS = {"method": "POST", "path": "/catalog/products/*/images"}
GETS = {"method": "GET", "path": "/catalog/products/*/images"}


def send(client: StoreClient, product: int, file: Path) -> None:
    client.create_image(product, file, "a-0123456789.png")


def failed(client: StoreClient, product: int, file: Path) -> StoreError:
    with pytest.raises(StoreError) as error:
        send(client, product, file)
    return error.value


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, StoreRejected),
        (401, StoreDenied),
        (403, StoreDenied),
        (404, StoreRejected),
        (405, StoreRejected),
        (406, StoreRejected),
        (408, StoreUnsure),
        (409, StoreRejected),
        (413, StoreRejected),
        (415, StoreRejected),
        (422, StoreRejected),
        (423, StoreRejected),
        (429, StoreThrottled),
        (500, StoreUnsure),
        (501, StoreRejected),
        (502, StoreUnsure),
        (503, StoreUnsure),
        (504, StoreUnsure),
        (505, StoreRejected),
        (507, StoreRejected),
        (520, StoreUnsure),
        (599, StoreUnsure),
        (301, StoreUnsure),
        (302, StoreUnsure),
        (303, StoreUnsure),
        (307, StoreUnsure),
        (308, StoreUnsure),
    ],
)
@pytest.mark.parametrize("body", ["json", "html", "empty"])
def test_each_status_of_a_create_call_is_its_error(
    client: StoreClient,
    store: StoreProcess,
    product: int,
    file: Path,
    status: int,
    expected: type[StoreError],
    body: str,
) -> None:
    store.misbehave({"do": "answer", "status": status, "body": body, "times": 1, **POSTS})
    error = failed(client, product, file)
    assert type(error) is expected
    assert str(status) in str(error)
    assert "<" not in str(error), "no page of HTML is shown"
    # Another client: after a 429 this one would wait for as long as the store asked.
    send(client_of(store), product, file)
    assert len(store.images(product)) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, StoreDenied),
        (403, StoreDenied),
        (404, StoreRejected),
        (402, StoreUnavailable),
        (418, StoreUnavailable),
        (423, StoreUnavailable),
        (451, StoreUnavailable),
        (414, StoreRejected),
        (408, StoreUnavailable),
        (422, StoreRejected),
        (429, StoreThrottled),
        (500, StoreUnavailable),
        (502, StoreUnavailable),
        (503, StoreUnavailable),
        (504, StoreUnavailable),
        (501, StoreUnavailable),
        (520, StoreUnavailable),
        (301, StoreIntercepted),
        (302, StoreIntercepted),
        (303, StoreIntercepted),
        (307, StoreIntercepted),
        (308, StoreIntercepted),
        (407, StoreIntercepted),
        (511, StoreIntercepted),
        (200, StoreIntercepted),
    ],
)
def test_a_question_is_never_in_doubt(
    client: StoreClient,
    store: StoreProcess,
    product: int,
    status: int,
    expected: type[StoreError],
) -> None:
    store.misbehave({"do": "answer", "status": status, "body": "html", "times": 1, **GETS})
    with pytest.raises(StoreError) as error:
        client.list_images(product)
    assert type(error.value) is expected


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_that_gives_up_after_the_image_was_made_leaves_a_doubt(
    client: StoreClient, store: StoreProcess, product: int, file: Path, status: int
) -> None:
    store.misbehave({"do": "answer", "status": status, "when": "after", "body": "html", **POSTS})
    assert type(failed(client, product, file)) is StoreUnsure
    assert len(store.images(product)) == 1


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize(
    "when", ["before-body", "mid-body", "after-body", "after-work", "mid-answer"]
)
def test_a_connection_that_drops_once_the_body_is_out_leaves_a_doubt(
    client: StoreClient, store: StoreProcess, product: int, file: Path, when: str, how: str
) -> None:
    store.misbehave({"do": "drop", "when": when, "how": how, "times": 1, **POSTS})
    error = failed(client, product, file)
    made = len(store.images(product))
    # So small a body may be out before the store has looked at it: nobody here can tell.
    early = when in ("before-body", "mid-body")
    assert type(error) is StoreUnsure or (early and type(error) is StoreUnavailable)
    assert made == (1 if when in ("after-work", "mid-answer") else 0)


@pytest.mark.parametrize("how", ["short", "not-json", "no-id", "html", "empty"])
def test_an_answer_that_makes_no_sense_leaves_a_doubt(
    client: StoreClient, store: StoreProcess, product: int, file: Path, how: str
) -> None:
    store.misbehave({"do": "garble", "how": how, "times": 1, **POSTS})
    assert type(failed(client, product, file)) is StoreUnsure
    assert len(store.images(product)) == 1


@pytest.mark.parametrize("how", ["short", "not-json", "no-id", "html", "empty"])
def test_a_listing_that_makes_no_sense_is_no_empty_listing(
    client: StoreClient, store: StoreProcess, product: int, file: Path, how: str
) -> None:
    send(client, product, file)
    store.misbehave({"do": "garble", "how": how, **GETS})
    with pytest.raises(StoreUnavailable):
        client.list_images(product)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_too_late_leaves_a_doubt(
    store: StoreProcess, product: int, file: Path, when: str
) -> None:
    store.misbehave({"do": "delay", "when": when, "seconds": 1.5, "times": 1, **POSTS})
    began = time.monotonic()
    error = failed(client_of(store, timeouts=quick(read=0.4)), product, file)
    assert type(error) is StoreUnsure
    assert "too long" in str(error)
    assert time.monotonic() - began < 1.2


def test_an_answer_that_drips_is_given_up_as_a_whole(
    store: StoreProcess, product: int, file: Path
) -> None:
    store.misbehave({"do": "drip", "bytes": 1, "seconds": 0.1})
    client = client_of(store, timeouts=quick(read=1.0, whole=1.0))
    began = time.monotonic()
    assert type(failed(client, product, file)) is StoreUnsure
    with pytest.raises(StoreUnavailable, match="too long"):
        client.list_images(product)
    assert time.monotonic() - began < 4


def test_an_answer_that_drips_but_comes_in_time_is_taken(
    store: StoreProcess, product: int, file: Path
) -> None:
    store.misbehave({"do": "drip", "bytes": 40, "seconds": 0.05})
    send(client_of(store, timeouts=quick(read=0.5, whole=10)), product, file)


@pytest.mark.parametrize("then", ["drop", "answer", "silence"])
def test_a_store_that_finishes_late_was_in_doubt_all_the_while(
    store: StoreProcess, product: int, file: Path, then: str
) -> None:
    store.misbehave({"do": "late", "then": then, "seconds": 0.8, "times": 1, **POSTS})
    client = client_of(store, timeouts=quick(read=0.4))
    assert type(failed(client, product, file)) is StoreUnsure
    assert client.list_images(product) == []
    deadline = time.monotonic() + 5
    while not client.list_images(product):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_store_that_is_not_there_is_unreachable_and_nothing_was_made(
    tmp_path: Path, file: Path
) -> None:
    with StoreProcess(tmp_path / "data", "--open") as gone:
        client = client_of(gone)
    assert type(failed(client, 158, file)) is StoreUnreachable
    with pytest.raises(StoreUnreachable) as error:
        client.create_image_from_url(158, {"image_url": "https://example.com/a.png"})
    assert "does not take the connection" in str(error.value)


@pytest.mark.parametrize(
    ("rule", "after"),
    [
        ({"retry_after": 7}, 30.0),
        ({"retry_after": 45}, 45.0),
        ({"headers": False, "retry_after": 2}, None),
    ],
)
def test_the_pause_of_a_429_is_the_longer_of_what_the_store_names(
    client: StoreClient,
    store: StoreProcess,
    product: int,
    file: Path,
    rule: dict[str, Any],
    after: float | None,
) -> None:
    store.misbehave({"do": "answer", "status": 429, "times": 1, **POSTS, **rule})
    error = failed(client, product, file)
    assert isinstance(error, StoreThrottled)
    assert error.after is not None
    if after is None:
        assert error.after >= 2
    else:
        assert after - 30 < error.after <= after
    assert store.images(product) == []
