"""Odd requests: whatever is asked, and however, the store answers as its description has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localstore.pictures import picture
from tests.localstore.process import DESCRIPTION, StoreProcess

PRODUCT = 158
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]
TEMPLATES = list(DESCRIPTION["paths"])
KNOWN = sorted(
    {
        *(parameter["name"] for parameter in DESCRIPTION["components"]["parameters"].values()),
        *("weight", "sort", "id:not_in", "include", "date_modified:min", "page[]", ""),
    }
)
NUMBERS = [
    "0",
    "1",
    "2",
    "-1",
    "158",
    "250",
    "251",
    "00",
    "-0",
    "9" * 12,
    "9" * 5000,
    "-" + "9" * 40,
]
ODD = [
    *("", " ", "null", "true", "1.5", "1e3", "+1", "0x1", "²", "1_0", ",", "1,,2", "1,x"),
    *(
        "\0",
        "\r\nX-Injected: 1",
        "'; DROP TABLE images; --",
        "a" * 300,
        "\ud83d\ude00",
        "id,nothing",
    ),
]
ACCEPTS = [None, "", "*/*", "application/json", "text/html", "json", "a/b;q=x, */*;q=0", "é"]
KINDS = [
    *(
        None,
        "application/json",
        "APPLICATION/JSON; charset=utf-16",
        "text/plain",
        "application/json;",
    ),
    *(
        "multipart/form-data",
        "multipart/form-data; boundary=edge",
        "multipart/form-data; boundary=",
    ),
]

values = st.sampled_from(NUMBERS) | st.sampled_from(ODD) | st.text(max_size=8)
queries = st.lists(st.tuples(st.sampled_from(KNOWN), values), max_size=4)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(ODD)
fields = st.dictionaries(
    st.sampled_from(["is_thumbnail", "sort_order", "description", "image_url", "image_file", "id"]),
    scalars | st.lists(scalars, max_size=2),
    max_size=4,
)
parts = st.lists(
    st.tuples(
        st.sampled_from(["image_file", "sort_order", "is_thumbnail", "x", 'a"\r\nX: y']), values
    ),
    max_size=3,
)


def form(said: list[tuple[str, str]]) -> bytes:
    return (
        b"".join(
            f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(
                "utf-8", "replace"
            )
            for name, value in said
        )
        + b"--edge--\r\n"
    )


bodies = (
    fields.map(lambda said: json.dumps(said).encode()) | parts.map(form) | st.binary(max_size=30)
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    data = tmp_path_factory.mktemp("odd") / "data"
    with StoreProcess(data, "--open", "--plan", "unlimited") as store:
        for _ in range(3):
            store.upload(PRODUCT, picture())
        yield store
    assert "Traceback" not in store.log.read_text()


@pytest.fixture
def image(store: StoreProcess) -> int:
    """An image that is there, whatever other tests have deleted; its id."""
    return int(store.upload(PRODUCT, picture()).json()["data"]["id"])


def asked(
    store: StoreProcess,
    method: str,
    path: str,
    query: list[tuple[str, str]],
    accept: str | None,
    kind: str | None,
    body: bytes,
) -> None:
    text = "&".join(
        f"{quote(name)}={quote(value.encode('utf-8', 'replace'))}" for name, value in query
    )
    headers: dict[str, Any] = {
        "Accept": accept.encode() if accept is not None else None,
        "Content-Type": kind,
    }
    answer = store.call(method, f"{path}?{text}", headers=headers, data=body)
    assert answer.status_code < 500, answer.text
    assert "X-Injected" not in answer.headers
    if answer.status_code == 405:
        allowed = answer.headers["Allow"].split(", ")
        assert method not in allowed
        for other in set(allowed) - {"DELETE", "HEAD"}:
            assert store.call(other, path).status_code != 405


def odd_requests(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what has a test asked with so many odd requests."""

    def decorated(test: Callable[..., None]) -> Callable[..., None]:
        tried: Callable[..., None] = settings(
            max_examples=examples,
            deadline=None,
            suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        )(
            given(
                method=st.sampled_from(METHODS),
                template=st.sampled_from(TEMPLATES),
                product=st.sampled_from([str(PRODUCT), str(PRODUCT), *NUMBERS]),
                image=st.sampled_from(["1", "2", *NUMBERS]),
                query=queries,
                accept=st.sampled_from(ACCEPTS),
                kind=st.sampled_from(KINDS),
                body=st.just(b"") | bodies,
            )(test)
        )
        return tried

    return decorated


def path_of(template: str, product: str, image: str) -> str:
    return template.replace("{product_id}", product).replace("{image_id}", image)


@odd_requests(80)
def test_an_odd_request_is_answered_as_described(
    store: StoreProcess, method: str, template: str, product: str, image: str, **said: Any
) -> None:
    asked(store, method, path_of(template, product, image), **said)


@pytest.mark.long
@odd_requests(2000)
def test_thousands_of_odd_requests_are_answered_as_described(
    store: StoreProcess, method: str, template: str, product: str, image: str, **said: Any
) -> None:
    asked(store, method, path_of(template, product, image), **said)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_a_route_does_not_know_is_405_with_those_that_it_knows(
    store: StoreProcess, method: str, template: str
) -> None:
    known = {name.upper() for name in DESCRIPTION["paths"][template]} - {"PARAMETERS"}
    answer = store.call(method, path_of(template, "999", "1"))
    if method in known or (method == "HEAD" and "GET" in known):
        assert answer.status_code != 405
    else:
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) - {"HEAD"} == known


def test_an_order_that_is_whole_to_json_is_whole(store: StoreProcess, image: int) -> None:
    said = store.call(
        "PUT", f"/catalog/products/{PRODUCT}/images/{image}", data=b'{"sort_order": 7.0}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert said.json()["data"]["sort_order"] == 7


@pytest.mark.parametrize(
    "order", ["7.5", "1e999", "NaN", "-Infinity", "true", '"7"', "[7]", "null"]
)
def test_an_order_that_is_none_is_refused(store: StoreProcess, image: int, order: str) -> None:
    said = store.call(
        "PUT", f"/catalog/products/{PRODUCT}/images/{image}", data=f'{{"sort_order": {order}}}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert said.status_code == 422


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_no_json_wherever_it_stands(
    store: StoreProcess, image: int, constant: str
) -> None:
    said = store.call(
        "PUT", f"/catalog/products/{PRODUCT}/images/{image}", data=f'{{"else": {constant}}}',
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert said.status_code == 422


def test_an_address_of_nothing_changes_no_picture(store: StoreProcess, image: int) -> None:
    said = store.put(PRODUCT, image, image_url="", description="kept")
    assert (said.status_code, said.json()["data"]["description"]) == (200, "kept")
