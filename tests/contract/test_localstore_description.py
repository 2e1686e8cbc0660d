"""The local store's description of itself, and the facts of the shop's API that it must hold.

Every answer that a test of `tests/localstore` gets is compared with the description; here it is
held to be a valid one, complete, and the same that the store gives out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openapi_schema_validator
import pytest

from tests.localstore.pictures import picture
from tests.localstore.process import DESCRIPTION, StoreProcess

ENDPOINTS = {
    ("get", "/catalog/products/{product_id}/images", "200"),
    ("get", "/catalog/products/{product_id}/images", "204"),
    ("post", "/catalog/products/{product_id}/images", "200"),
    ("get", "/catalog/products/{product_id}/images/{image_id}", "200"),
    ("put", "/catalog/products/{product_id}/images/{image_id}", "200"),
    ("delete", "/catalog/products/{product_id}/images/{image_id}", "204"),
    ("get", "/catalog/products", "200"),
    ("get", "/catalog/products/{product_id}", "200"),
    ("get", "/catalog/variants", "200"),
    ("get", "/catalog/trees/categories", "200"),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with StoreProcess(tmp_path_factory.mktemp("described") / "data", "--open") as store:
        yield store


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DESCRIPTION["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method, path, operation


def test_the_description_has_the_five_endpoints_and_the_products() -> None:
    assert {
        (method, path, status)
        for method, path, operation in operations()
        for status in operation["responses"]
        if status.startswith("2")
    } == ENDPOINTS


def test_every_operation_says_how_it_is_refused() -> None:
    for method, _, operation in operations():
        assert {"401", "406", "429"} <= set(operation["responses"])
        if method in ("post", "put"):
            assert {"400", "403", "404", "413", "415", "422"} <= set(operation["responses"])


def test_every_schema_is_a_schema() -> None:
    for schema in DESCRIPTION["components"]["schemas"].values():
        openapi_schema_validator.OAS31Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                found: Any = DESCRIPTION
                for step in node["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(DESCRIPTION)


def test_the_store_gives_its_description_out(store: StoreProcess) -> None:
    answer = store.control("GET", "openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == DESCRIPTION


def test_an_image_has_the_fields_of_the_shops_and_no_others(store: StoreProcess) -> None:
    data = store.upload(158, picture(), "product-image.png").json()["data"]
    assert {name: type(value).__name__ for name, value in data.items()} == {
        "id": "int",
        "product_id": "int",
        "is_thumbnail": "bool",
        "sort_order": "int",
        "description": "str",
        "image_file": "str",
        "url_zoom": "str",
        "url_standard": "str",
        "url_thumbnail": "str",
        "url_tiny": "str",
        "date_modified": "str",
    }


def test_an_error_is_worded_as_the_shops(store: StoreProcess) -> None:
    missing = store.call("GET", "/catalog/products/158/images/999")
    assert set(missing.json()) == {"status", "title", "type", "errors", "instance"}
    wrong = store.call("POST", "/catalog/products/158/images", json={})
    assert json.loads(wrong.text) == {
        "status": 422,
        "title": "image_url must be present if uploading by url",
        "type": "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",
        "errors": {"image_url": "image_url must be present if uploading by url"},
    }
