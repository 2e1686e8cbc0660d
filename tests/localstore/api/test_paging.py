"""Pages and fields of a listing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess


def test_a_product_without_images_lists_none(store: StoreProcess, product: int) -> None:
    answer = store.call("GET", f"/catalog/products/{product}/images?limit=7&include_fields=id")
    assert (answer.status_code, answer.content) == (204, b"")


MANY = 7


PRODUCT = 900_000


PATH = f"/catalog/products/{PRODUCT}/images"


FIELDS = [
    "id",
    "product_id",
    "is_thumbnail",
    "sort_order",
    "description",
    "image_file",
    "url_zoom",
    "url_standard",
    "url_thumbnail",
    "url_tiny",
    "date_modified",
]


@pytest.fixture(scope="module")
def filled(open_store: StoreProcess) -> Iterator[StoreProcess]:
    for _ in range(MANY):
        open_store.upload(PRODUCT, picture("GIF", (1, 1)), "a.gif")
    yield open_store
    for image in open_store.images(PRODUCT):
        open_store.call("DELETE", f"{PATH}/{image['id']}")


names = st.lists(st.sampled_from([*FIELDS, "nothing", ""]), max_size=6)


@given(included=st.none() | names, excluded=st.none() | names)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_fields_asked_for_come_and_the_id_always(
    filled: StoreProcess, included: list[str] | None, excluded: list[str] | None
) -> None:
    query = {}
    wanted = set(FIELDS)
    if included is not None:
        query["include_fields"] = ",".join(included)
        if any(included):
            wanted &= set(included)
    if excluded is not None:
        query["exclude_fields"] = ",".join(excluded)
        wanted -= set(excluded)
    wanted.add("id")
    listed = filled.call("GET", PATH, params=query).json()["data"]
    assert [set(image) for image in listed] == [wanted] * MANY
    one = filled.call("GET", f"{PATH}/{listed[0]['id']}", params=query).json()["data"]
    assert one == listed[0]


@given(size=st.integers(1, 10), page=st.integers(1, 10))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_page_has_what_its_place_says(filled: StoreProcess, size: int, page: int) -> None:
    every = [image["id"] for image in filled.images(PRODUCT)]
    said = filled.call("GET", PATH, params={"limit": size, "page": page}).json()
    expected = every[(page - 1) * size : page * size]
    pages = -(-MANY // size)
    links = {"current": f"?page={page}&limit={size}"}
    if 1 < page <= pages:
        links["previous"] = f"?page={page - 1}&limit={size}"
    if page < pages:
        links["next"] = f"?page={page + 1}&limit={size}"
    assert [image["id"] for image in said["data"]] == expected
    assert said["meta"]["pagination"] == {
        "total": MANY,
        "count": len(expected),
        "per_page": size,
        "current_page": page,
        "total_pages": pages,
        "links": links,
    }


def test_following_the_links_gives_every_image_once(filled: StoreProcess) -> None:
    link, seen = "?limit=3", []
    while link:
        said = filled.call("GET", PATH + link).json()
        seen += [image["id"] for image in said["data"]]
        link = said["meta"]["pagination"]["links"].get("next", "")
    assert seen == [image["id"] for image in filled.images(PRODUCT)]


def test_fifty_come_on_a_page_when_nothing_is_said(filled: StoreProcess) -> None:
    said = filled.call("GET", PATH).json()["meta"]["pagination"]
    assert (said["per_page"], said["current_page"]) == (50, 1)


@pytest.mark.parametrize(
    "query",
    [
        *("limit=251", "limit=ten", "limit=1_0", "limit=%2B1", "limit=1e2", "limit=null"),
        *("page=1.5", "page=%C2%B2", "page=+1", "page=0x1", "page=--1", "page=-", "page=true"),
    ],
)
def test_a_page_that_cannot_be_is_named(filled: StoreProcess, query: str) -> None:
    answer = filled.call("GET", f"{PATH}?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("below", ["0", "-1", "-0", "00", "-" + "9" * 5000, ""])
def test_a_page_or_a_limit_below_one_is_as_if_none_was_said(
    filled: StoreProcess, below: str
) -> None:
    whole = filled.call("GET", f"{PATH}?page=1&limit=50").json()
    for query in (f"page={below}", f"limit={below}", f"page={below}&limit={below}"):
        assert filled.call("GET", f"{PATH}?{query}").json() == whole


@pytest.mark.parametrize("page", ["2147483648", "9" * 20, "9" * 5000, "0" * 5000 + "9" * 11])
def test_a_page_beyond_all_is_empty(filled: StoreProcess, page: str) -> None:
    answer = filled.call("GET", f"{PATH}?page={page}")
    assert (answer.status_code, answer.json()["data"]) == (200, [])


def test_the_farthest_page_is_empty(filled: StoreProcess) -> None:
    answer = filled.call("GET", f"{PATH}?page=2147483647&limit=250")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
