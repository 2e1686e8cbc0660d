"""Whose photograph it is: the Assigner's questions to a real store's catalogue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from pipeline.errors import ProductUnknown, StoreUnavailable
from pipeline.intake import Assigner
from pipeline.lifecycle import Reason
from pipeline.values import Original, Placement
from tests.localstore.process import StoreProcess
from tests.makers import original
from tests.servers import client_of, local_store

CATALOGUE = """\
158,SM-13,Mug,
159,SM-13-RED,Red mug,
160,TWICE,One,
161,TWICE,Other,
162,900,A SKU that is another's id,
900,NINE,The product of that id,
163,0158,Leading zero,
164,MUGB0042,Like a camera's name,
165,caf\u00e9-1,Composed,
166,"a,b",With a comma,
7,SM-14-BLUE,Blue,158
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("shop"), catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture(scope="module")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("open")) as store:
        yield store


def assigner_of(store: StoreProcess) -> Assigner:
    client = client_of(store)
    return Assigner(client.products_by_sku, client.has_product)


def shot(path: str, *, root: str = "/shop", **said: Any) -> Original:
    place = Path(root) / path
    made = original(place, path.encode("utf-8", "replace"), **said)
    return Original(sha256=made.sha256, size=made.size, path=place, root=Path(root), sku=made.sku)


def placed(store: StoreProcess, path: str, **said: Any) -> Placement:
    return assigner_of(store).place(shot(path, **said))


def unplaced(store: StoreProcess, path: str, **said: Any) -> tuple[Reason, str]:
    with pytest.raises(ProductUnknown) as unknown:
        placed(store, path, **said)
    return unknown.value.reason, str(unknown.value)


@pytest.mark.parametrize(
    ("path", "product", "order", "rule"),
    [
        ("158_1.jpg", 158, 1, "its file name begins with 158"),
        ("158.jpg", 158, None, "its file name begins with 158"),
        ("SM-13-front.jpg", 158, None, "its file name begins with SM-13"),
        ("SM-13 (2).jpg", 158, 2, "its file name begins with SM-13"),
        ("sm-13 (2).jpg", 158, 2, "its file name begins with sm-13"),
        ("SM-13-RED-2.jpg", 159, 2, "its file name begins with SM-13-RED"),
        ("SM-14-BLUE-3.jpg", 158, 3, "its file name begins with SM-14-BLUE"),
        ("MUGB0042.jpg", 164, None, "its file name begins with MUGB0042"),
        ("cafe\u0301-1_2.jpg", 165, 2, "its file name begins with caf\u00e9-1"),
        ("0158_2.jpg", 163, 2, "its file name begins with 0158"),
        ("158/IMG_1234.jpg", 158, None, "its folder is named 158"),
        ("SM-13/front.jpg", 158, None, "its folder is named SM-13"),
        ("SM-13/100CANON/IMG_1234.jpg", 158, None, "its folder is named SM-13"),
        ("158/SM-13-RED/a.jpg", 159, None, "its folder is named SM-13-RED"),
        ("SM-13/159_1.jpg", 158, None, "its folder is named SM-13"),
        ("autumn/SM-13/raw/front.jpg", 158, None, "its folder is named SM-13"),
    ],
)
def test_a_photograph_goes_to_the_product_that_its_names_say(
    shop: StoreProcess, path: str, product: int, order: int | None, rule: str
) -> None:
    assert placed(shop, path) == Placement(product_id=product, order=order, rule=rule)


def test_the_folder_that_was_named_counts_and_what_lies_above_it_does_not(
    shop: StoreProcess,
) -> None:
    assert placed(shop, "front.jpg", root="/studio/158").product_id == 158
    reason, _ = unplaced(shop, "below/front.jpg", root="/158/today")
    assert reason is Reason.PRODUCT_UNKNOWN


@pytest.mark.parametrize(
    "path", ["front.jpg", "IMG_1234.jpg", "SM-1.jpg", "1580_1.jpg", "xSM-13.jpg", "SM-133.jpg"]
)
def test_one_whose_product_nobody_knows_waits_with_what_would_mend_it(
    shop: StoreProcess, path: str
) -> None:
    reason, sentence = unplaced(shop, path)
    assert reason is Reason.PRODUCT_UNKNOWN
    assert "--product" in sentence


@pytest.mark.parametrize("path", ["TWICE-1.jpg", "TWICE/front.jpg"])
def test_a_sku_of_two_products_is_as_undecided_as_none(shop: StoreProcess, path: str) -> None:
    reason, sentence = unplaced(shop, path)
    assert reason is Reason.PRODUCT_AMBIGUOUS
    assert "160, 161" in sentence


def test_a_number_that_is_one_products_id_and_anothers_sku_is_undecided(
    shop: StoreProcess,
) -> None:
    reason, sentence = unplaced(shop, "900_1.jpg")
    assert reason is Reason.PRODUCT_AMBIGUOUS
    assert "162, 900" in sentence


def test_a_sku_that_was_given_is_a_sku_and_no_id(shop: StoreProcess) -> None:
    assert placed(shop, "158/159_1.jpg", sku="900").product_id == 162
    assert placed(shop, "SM-13 (2).jpg", sku="SM-13") == Placement(
        product_id=158, order=2, rule="the SKU SM-13 was given"
    )


@pytest.mark.parametrize("sku", ["NONE", "158", "a,b", "SM-13,SM-13-RED", "", "x" * 300, "a\nb"])
def test_a_sku_that_was_given_and_that_nobody_has_waits_whatever_the_names_say(
    shop: StoreProcess, sku: str
) -> None:
    reason, sentence = unplaced(shop, "158/158_1.jpg", sku=sku)
    assert reason is Reason.PRODUCT_UNKNOWN
    assert "no product with the SKU" in sentence
    assert unplaced(shop, "a.jpg", sku="TWICE")[0] is Reason.PRODUCT_AMBIGUOUS


@pytest.mark.parametrize(
    ("path", "product"),
    [("158/front.jpg", 158), ("158_1.jpg", 158), ("214_1-front.jpg", 214)],
)
def test_in_an_open_catalogue_an_id_is_the_product_of_that_id(
    open_shop: StoreProcess, path: str, product: int
) -> None:
    assert placed(open_shop, path).product_id == product


def test_in_an_open_catalogue_only_what_looks_like_a_sku_is_one(open_shop: StoreProcess) -> None:
    for path in ("by-name/front.jpg", "IMG_1234.jpg", "100CANON/DSCF0815.jpg", "Mug red.jpg"):
        assert unplaced(open_shop, path)[0] is Reason.PRODUCT_UNKNOWN
    front, second = (placed(open_shop, f"by-name/BOWL-24-{shot}.jpg") for shot in ("front", "2"))
    assert front.product_id == second.product_id
    assert second.order == 2
    assert placed(open_shop, "TOY-05/front.jpg").product_id != front.product_id


def test_in_an_open_catalogue_asking_makes_no_product_but_the_one_that_is_meant(
    tmp_path: Path,
) -> None:
    with local_store(tmp_path / "store") as store:
        assigner = assigner_of(store)
        for path in ("BOWL-24-front.jpg", "IMG_1234.jpg", "by-name/RING-07-2-back.jpg"):
            assigner.expect(shot(path))
        assigner.place(shot("BOWL-24-front.jpg"))
        answer = store.call("GET", "/catalog/products?limit=250")
        skus = {product["sku"] for product in answer.json()["data"]}
    assert {sku for sku in skus if not sku.startswith("no-such")} == {"BOWL-24"}


def questions(store: StoreProcess, since: int) -> list[str]:
    visits = [entry for entry in store.seen() if entry["number"] > since]
    return [
        name
        for entry in visits
        if entry["path"] == "/catalog/products"
        for name in parse_qs(entry["query"]).get("sku:in", [])
    ]


def last_number(store: StoreProcess) -> int:
    return max((entry["number"] for entry in store.seen()), default=0)


def test_many_photographs_are_asked_for_with_few_questions(shop: StoreProcess) -> None:
    since, assigner = last_number(shop), assigner_of(shop)
    shots = [shot(f"SKU-{number}x/IMG_{number:04}.jpg") for number in range(100)]
    for one in shots:
        assigner.expect(one)
    for one in shots:
        with pytest.raises(ProductUnknown):
            assigner.place(one)
    asked = questions(shop, since)
    assert len(asked) <= 10
    names = [name for question in asked for name in question.split(",")]
    assert len(names) == len(set(names)), "no name is asked for twice"
    assert all(len(question) < 2000 for question in asked)


def test_long_names_are_asked_for_in_addresses_that_a_server_takes(shop: StoreProcess) -> None:
    since, assigner = last_number(shop), assigner_of(shop)
    shots = [shot("\u9676" * 60 + f"-{number}/a.jpg") for number in range(30)]
    for one in shots:
        assigner.expect(one)
    for one in shots:
        with pytest.raises(ProductUnknown):
            assigner.place(one)
    visits = [entry for entry in shop.seen() if entry["number"] > since]
    assert max(len(entry["query"]) for entry in visits) < 2_200


@pytest.mark.parametrize(
    "path",
    ["\udcff\udcfe.jpg", "a\nb/c\td.jpg", "a,b/front.jpg", "x" * 250 + ".jpg", "\u202e158.jpg"],
)
def test_a_name_that_no_address_can_hold_is_not_asked_for_and_spoils_no_other(
    shop: StoreProcess, path: str
) -> None:
    assigner = assigner_of(shop)
    assigner.expect(shot(path))
    assert assigner.place(shot("SM-13/a.jpg")).product_id == 158
    with pytest.raises(ProductUnknown):
        assigner.place(shot(path))


def test_a_name_is_asked_for_once_however_many_threads_need_it(shop: StoreProcess) -> None:
    since, assigner = last_number(shop), assigner_of(shop)
    with ThreadPoolExecutor(8) as pool:
        products = list(pool.map(lambda n: assigner.place(shot(f"SM-13/{n}.jpg")), range(60)))
        told = list(pool.map(lambda n: assigner.place(shot(f"{n}.jpg", sku="NINE")), range(60)))
    assert {placement.product_id for placement in products} == {158}
    assert {placement.product_id for placement in told} == {900}
    asked = questions(shop, since)
    assert asked.count("SM-13") == 1
    assert asked.count("NINE") == 1


def test_whoever_needs_only_what_is_known_does_not_wait_for_anothers_question(
    shop: StoreProcess,
) -> None:
    assigner = assigner_of(shop)
    assigner.place(shot("SM-13/a.jpg"))
    shop.misbehave({"do": "delay", "seconds": 1.0, "times": 1, "path": "/catalog/products"})
    slow = threading.Thread(target=assigner.place, args=(shot("MUGB0042/a.jpg"),))
    try:
        slow.start()
        while not any(entry["fault"] and not entry["done"] for entry in shop.seen()):
            assert slow.is_alive()
        assigner.expect(shot("SM-99/a.jpg"))
        assert assigner.place(shot("SM-13/b.jpg")).product_id == 158
        assert slow.is_alive(), "the other is still waiting"
    finally:
        slow.join()
        shop.control("DELETE", "_faults")


def test_what_was_unknown_is_asked_again_when_that_is_wanted_and_not_before(
    tmp_path: Path,
) -> None:
    with local_store(tmp_path / "store", catalogue="158,SM-13,Mug,\n") as store:
        assigner = assigner_of(store)
        for _ in range(2):
            with pytest.raises(ProductUnknown):
                assigner.place(shot("SM-20/a.jpg"))
        assert questions(store, 0).count("SM-20") == 1
        assigner.forget_unknown()
        with pytest.raises(ProductUnknown):
            assigner.place(shot("SM-20/a.jpg"))
        assert questions(store, 0).count("SM-20") == 2


def test_a_store_that_cannot_be_asked_is_an_error_and_leaves_no_answer_behind(
    shop: StoreProcess,
) -> None:
    assigner = assigner_of(shop)
    shop.misbehave({"do": "answer", "status": 503, "times": 1, "path": "/catalog/*"})
    try:
        with pytest.raises(StoreUnavailable):
            assigner.place(shot("SM-13/a.jpg"))
    finally:
        shop.control("DELETE", "_faults")
    assert assigner.place(shot("SM-13/a.jpg")).product_id == 158
