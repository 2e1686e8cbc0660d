"""Whose a name is: how often, and with how many names together, a real store is asked."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from pipeline.errors import ProductUnknown
from pipeline.intake import Assigner
from pipeline.intake.whose_name import WhoseName, can_be_asked, is_product_id
from pipeline.values import Original
from tests.intake.test_assign import CATALOGUE, assigner_of, shot
from tests.localstore.process import StoreProcess
from tests.servers import local_store


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    with local_store(tmp_path_factory.mktemp("shop"), catalogue=CATALOGUE) as store:
        yield store


@pytest.mark.parametrize("name", ["", "a,b", "a\nb", "x" * 256])
def test_what_no_sku_can_be_is_never_asked_for(name: str) -> None:
    def by_sku(skus: Collection[str]) -> dict[str, frozenset[int]]:
        raise AssertionError(f"asked for {skus}")

    whose = WhoseName(by_sku, lambda ids: ())
    assert not can_be_asked(name)
    assert not whose.products(name)
    assert not whose.given(name)


def test_a_number_is_an_id_where_it_is_called_one_or_numbers_are_ids() -> None:
    plain = WhoseName(lambda skus: {}, lambda ids: (), plain_ids=True)
    spelt = WhoseName(lambda skus: {}, lambda ids: ())
    assert (plain.id_in("158"), spelt.id_in("158"), spelt.id_in("id-158")) == (158, None, 158)
    assert plain.id_in("0158") is None
    assert plain.id_in(str(2**31)) is None
    assert is_product_id(2**31 - 1)


def last_number(store: StoreProcess) -> int:
    return max((entry["number"] for entry in store.seen()), default=0)


def questions(store: StoreProcess, since: int) -> list[str]:
    visits = [entry for entry in store.seen() if entry["number"] > since]
    return [
        name
        for entry in visits
        if entry["path"] == "/catalog/products"
        for name in parse_qs(entry["query"]).get("sku:in", [])
    ]


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
    assert max(len(entry["query"]) for entry in visits) < 3_800


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
        assert assigner.place(shot("SM-13/IMG_0002.jpg")).product_id == 158
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


def test_ids_of_many_folders_are_asked_for_together(shop: StoreProcess) -> None:
    assigner = assigner_of(shop, plain_ids=True)
    shots = [shot(f"id-{number}/1.jpg") for number in range(150, 190)]
    for one in shots:
        assigner.expect(one)
    before = len(shop.seen())
    known = [one for one in shots if _is_placed(assigner, one)]
    assert "id-158" in {one.path.parent.name for one in known}
    # Two find out whether the catalogue knows every name, three are for some forty names each.
    assert len(shop.seen()) - before <= 2 + 3 * 2


def test_a_given_sku_waits_for_no_question_about_names() -> None:
    asked, answered = threading.Event(), threading.Event()

    def by_sku(skus: Collection[str]) -> dict[str, frozenset[int]]:
        if "GIVEN-1" not in skus:
            asked.set()
            assert answered.wait(20)
        return {sku: frozenset({158}) for sku in skus if sku == "GIVEN-1"}

    assigner = Assigner(by_sku, lambda ids: ())
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(assigner.place, shot("SM-13.jpg"))
        assert asked.wait(20)
        assert assigner.place(shot("x.jpg", sku="GIVEN-1")).product_id == 158
        answered.set()
        assert isinstance(slow.exception(), ProductUnknown)


def _is_placed(assigner: Assigner, one: Original) -> bool:
    try:
        assigner.place(one)
    except ProductUnknown:
        return False
    return True
