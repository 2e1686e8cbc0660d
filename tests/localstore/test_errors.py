"""How an error is said."""

from __future__ import annotations

import pytest

from pipeline.localstore.errors import STATUS_PAGE, ApiError, error_response
from pipeline.localstore.quirks import Quirks
from tests.localstore.process import StoreProcess


def path(product: int) -> str:
    return f"/catalog/products/{product}/images"


def test_an_unknown_route_answers_404_and_names_itself(store: StoreProcess) -> None:
    for below in ("/catalog/brands", "/catalog/products/1/images/", "/", "/catalog/products/abc"):
        answer = store.session.get(store.url + below, timeout=10)
        assert answer.status_code == 404
        assert set(answer.json()) == {"status", "title", "type", "errors", "instance"}
        assert answer.json()["instance"].endswith(below)
        assert answer.json()["type"] == STATUS_PAGE


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_method_answers_405_and_says_which_are_right(
    store: StoreProcess, product: int, method: str
) -> None:
    answer = store.call(method, path(product), json={})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("status", [401, 415, 422, 500, 503])
@pytest.mark.parametrize("bodies", ["json", "mixed"])
def test_an_error_is_json_unless_a_switch_says_otherwise(status: int, bodies: str) -> None:
    error = ApiError(status, "It <b>went</b> wrong", headers={"X-Mine": "1"})
    answer = error_response(error, "/a", Quirks(error_bodies=bodies))
    kind = {401: "text/plain", 422: "application/json"}.get(status, "text/html")
    expected = "application/json" if bodies == "json" else kind
    assert answer.media_type == expected
    assert (answer.status_code, answer.headers["X-Mine"]) == (status, "1")
    assert ("<b>" in bytes(answer.body).decode()) == (expected != "text/html")


def test_an_error_can_have_no_body_at_all() -> None:
    answer = error_response(ApiError(400, "Nothing there", bare=True), "/a", Quirks())
    assert (answer.status_code, answer.body) == (400, b"")
