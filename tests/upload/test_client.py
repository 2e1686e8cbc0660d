"""The five endpoints and the catalogue's questions, against the real local store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable, StoreUnsure
from pipeline.upload import StoreClient
from pipeline.values import ProductName
from tests.localstore.pictures import picture
from tests.localstore.process import READ_ONLY, StoreProcess
from tests.makers import stored_image
from tests.servers import client_of, local_store
from tests.upload.rawserver import answering, body, raw_server


def test_an_image_is_created_listed_given_changed_and_deleted(
    client: StoreClient, product: int, file: Path
) -> None:
    made = client.create_image(
        product,
        file,
        "sm-13-front-0123456789.png",
        {"description": "the “front” & more", "sort_order": 3, "is_thumbnail": True},
    )
    assert made.product_id == product
    assert "/sm-13-front-0123456789__" in made.image_file
    assert (made.description, made.sort_order, made.is_thumbnail) == (
        "the “front” & more",
        3,
        True,
    )
    assert all((made.url_zoom, made.url_standard, made.url_thumbnail, made.url_tiny))
    assert client.list_images(product) == [made]
    assert client.get_image(product, made.id) == made
    changed = client.update_image(product, made.id, {"description": "back", "sort_order": 9})
    assert (changed.id, changed.description, changed.sort_order) == (made.id, "back", 9)
    client.delete_image(product, made.id)
    assert client.list_images(product) == []


def test_what_arrives_is_the_file_byte_for_byte(
    client: StoreClient, store: StoreProcess, product: int, tmp_path: Path
) -> None:
    content = picture("JPEG", (1200, 900), quality=95)
    (tmp_path / "a.jpg").write_bytes(content)
    made = client.create_image(product, tmp_path / "a.jpg", "a-0123456789.jpg")
    assert store.control("GET", f"_originals/{made.id}").content == content


def test_every_create_call_makes_an_image(client: StoreClient, product: int, file: Path) -> None:
    ids = {client.create_image(product, file, "same-0123456789.png").id for _ in range(3)}
    assert [image.id for image in client.list_images(product)] == sorted(ids)
    assert len(ids) == 3


def test_an_image_is_fetched_by_the_store_from_an_address(
    client: StoreClient, store: StoreProcess, product: int, file: Path
) -> None:
    first = client.create_image(product, file, "a-0123456789.png")
    fetched = client.create_image_from_url(product, {"image_url": first.url_zoom.split("?")[0]})
    assert fetched.id > first.id
    with pytest.raises(StoreRejected, match="image_url"):
        client.create_image_from_url(product, {"image_url": "ftp://example.com/a.png"})


@pytest.mark.parametrize(
    "quirks", [(), ("--quirk", "empty_listing=list"), ("--quirk", "limit_above=capped")]
)
def test_a_listing_of_any_length_is_read_to_its_end(
    crowded_store: Callable[..., StoreProcess], quirks: tuple[str, ...]
) -> None:
    with crowded_store(*quirks) as store:
        client = client_of(store)
        assert client.list_images(7) == []
        last = store.upload(158, picture(size=(2, 2))).json()["data"]["id"]
        ids = [image.id for image in client.list_images(158)]
        pages = [entry["query"] for entry in store.seen() if entry["method"] == "GET"][-2:]
    assert ids == sorted(set(ids))
    assert (len(ids), ids[-1]) == (251, last)
    assert ["page=1" in pages[0], "page=2" in pages[1]] == [True, True]


@pytest.mark.parametrize("call", ["get", "update", "delete", "list", "create"])
def test_what_is_not_there_is_rejected_in_the_stores_own_words(
    tmp_path: Path, file: Path, call: str
) -> None:
    with local_store(tmp_path / "store", catalogue="158,SM-13,Mug,\n") as store:
        client = client_of(store)
        calls: dict[str, Callable[[], object]] = {
            "get": lambda: client.get_image(158, 99),
            "update": lambda: client.update_image(158, 99, {"sort_order": 1}),
            "delete": lambda: client.delete_image(158, 99),
            "list": lambda: client.list_images(159),
            "create": lambda: client.create_image(159, file, "a-0123456789.png"),
        }
        with pytest.raises(StoreRejected) as error:
            calls[call]()
    assert error.value.status == 404
    assert "does not exist" in str(error.value)


def test_deleting_what_is_not_there_may_be_taken_by_a_store(tmp_path: Path) -> None:
    with local_store(tmp_path / "store", "--quirk", "delete_missing=204") as store:
        client = client_of(store)
        assert client.list_images(158) == [], "the product is there"
        client.delete_image(158, 99)


@pytest.mark.parametrize("quirk", ["413", "500"])
def test_a_file_over_the_stores_limit_is_no_success(
    tmp_path: Path, product: int, quirk: str
) -> None:
    (tmp_path / "big.bmp").write_bytes(picture("BMP", (800, 600)))
    with local_store(tmp_path / "store", "--quirk", f"too_large={quirk}") as store:
        with pytest.raises(StoreError, match=quirk) as error:
            client_of(store).create_image(product, tmp_path / "big.bmp", "big-0123456789.bmp")
        assert store.images(product) == []
    # A 500 leaves open whether an image was made: nothing tells it from any other.
    assert type(error.value) is (StoreRejected if quirk == "413" else StoreUnsure)


def test_a_refusal_by_field_is_told_field_by_field(
    client: StoreClient, product: int, tmp_path: Path
) -> None:
    (tmp_path / "no.png").write_bytes(b"this is a text")
    with pytest.raises(StoreRejected) as error:
        client.create_image(product, tmp_path / "no.png", "no-0123456789.png")
    assert error.value.status == 422
    assert "image_file" in error.value.fields
    assert "image_file" in str(error.value)


@pytest.mark.parametrize("quirk", ["json", "mixed"])
def test_a_wrong_token_is_denied_whatever_form_that_has(tmp_path: Path, quirk: str) -> None:
    with local_store(tmp_path / "store", "--quirk", f"error_bodies={quirk}") as store:
        client = client_of(store, token="another-token")
        with pytest.raises(StoreDenied, match="401") as error:
            client.list_images(158)
    assert "another-token" not in str(error.value)


def test_a_token_without_the_scope_is_denied(store: StoreProcess, product: int, file: Path) -> None:
    reader = client_of(store, token=READ_ONLY)
    assert reader.list_images(product) == []
    with pytest.raises(StoreDenied, match="403"):
        reader.create_image(product, file, "a-0123456789.png")


def test_products_are_known_by_id_by_sku_and_by_their_variants(tmp_path: Path) -> None:
    lines = "158,SM-13,Mug,\n159,MUG-2,Mug,\n160,mug-2,Mug,\n7,SM-13-RED,Mug,158\n8,a/b c,Mug,159\n"
    with local_store(tmp_path / "store", catalogue=lines) as store:
        client = client_of(store)
        assert [client.has_product(number) for number in (158, 7, 161)] == [True, False, False]
        asked = ["sm-13", "SM-13-RED", "MUG-2", "a/b c", "none"]
        assert client.products_by_sku(asked) == {
            "sm-13": {158},
            "SM-13-RED": {158},
            "MUG-2": {159, 160},
            "a/b c": {159},
            "none": frozenset(),
        }
        assert client.products_by_sku([]) == {}


def test_many_skus_that_fill_several_pages_are_all_told_apart(tmp_path: Path) -> None:
    lines = "".join(f"{number},SAME,Mug,\n" for number in range(1, 301))
    with local_store(tmp_path / "store", catalogue=lines) as store:
        assert client_of(store).products_by_sku(["SAME"]) == {"SAME": set(range(1, 301))}


def test_a_probe_tells_where_the_quota_stands(client: StoreClient) -> None:
    probe = client.probe()
    assert probe.quota is not None
    assert probe.quota.isdigit()
    assert probe.date is not None


def test_progress_counts_up_to_the_whole_body(
    client: StoreClient, product: int, tmp_path: Path
) -> None:
    (tmp_path / "a.bmp").write_bytes(picture("BMP", (400, 400)))
    seen: list[tuple[int, int]] = []
    client.create_image(
        product, tmp_path / "a.bmp", "a-0123456789.bmp", {}, lambda *now: seen.append(now)
    )
    done = [bytes_done for bytes_done, _ in seen]
    assert done == sorted(done)
    assert {total for _, total in seen} == {done[-1]}
    assert done[-1] > 480_000
    assert len(set(done)) > 20, "it is told piece by piece"


def test_a_file_that_is_gone_is_an_error_of_this_machine(
    client: StoreClient, store: StoreProcess, product: int, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        client.create_image(product, tmp_path / "gone.png", "gone-0123456789.png")
    assert store.images(product) == []


def test_what_the_shop_shows_of_an_image_is_fetched_without_the_token(
    client: StoreClient, product: int, file: Path
) -> None:
    made = client.create_image(product, file, "a-0123456789.png")
    shown = client.rendition(made)
    assert shown.startswith((b"\x89PNG", b"\xff\xd8"))
    with raw_server(
        answering(body(shown), body("", "302 Go", f"Location: {made.url_zoom}"))
    ) as other:
        elsewhere = replace(
            made, url_zoom="", url_standard=f"http://127.0.0.1:{other.port}/a.png?c=2"
        )
        assert client.rendition(elsewhere) == shown
        with pytest.raises(StoreUnavailable, match="302"):
            client.rendition(elsewhere)
    assert b"oken" not in b"".join(other.requests)


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "ftp://127.0.0.1/a", "http://127.0.0.1:1/"]
)
def test_an_address_that_leads_nowhere_shows_nothing(client: StoreClient, url: str) -> None:
    with pytest.raises(StoreUnavailable):
        client.rendition(replace(stored_image(), url_zoom=url))


def test_what_products_are_called_is_heard_with_whatever_is_asked_of_them(tmp_path: Path) -> None:
    lines = "1,MUG-1,Blue mug,\n2,MUG-2,Red mug,\n"
    asked: list[tuple[Callable[[StoreClient], object], int]] = [
        (lambda client: client.products_by_sku(["MUG-1", "mug-2"]), 2),
        (lambda client: client.known_products([1, 2]), 1),
        (lambda client: client.skus.above(0), 1),
        (lambda client: client.skus.of([1, 2]), 1),
    ]
    with local_store(tmp_path, catalogue=lines) as store:
        for ask, requests in asked:
            client, heard = client_of(store), dict[int, ProductName]()
            client.named = heard.update
            store.control("DELETE", "_log")
            ask(client)
            assert heard == {
                1: ProductName(sku="MUG-1", name="Blue mug"),
                2: ProductName(sku="MUG-2", name="Red mug"),
            }
            assert len(store.seen()) == requests, "as many as before anybody heard names"
