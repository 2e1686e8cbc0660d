"""A decision is found by the content and by where the file was, and costs an arrival little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from pipeline.ledger import Ledger
from pipeline.ledger.decided import IS_DECIDED
from pipeline.placement import Placement, Rule
from tests.ledger.counting import Counter
from tests.makers import arrival, original

HAND = Placement(
    product_id=13, rule='by hand, "by":"table"', by=Rule.HAND, decided=("view",), view="front"
)


def decided(path: Path, ledger: Ledger) -> None:
    path.write_bytes(b"a photograph")
    told = replace(original(path), placement=HAND)
    assert ledger.assign(arrival(path), told).obstacle is None


def test_it_outweighs_what_the_caller_says_and_comes_back_as_it_was(
    tmp_path: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    decided(tmp_path / "a.jpg", ledger)
    for said in (original(tmp_path / "a.jpg", sku="SM-14"), original(tmp_path / "a.jpg")):
        photo = ledger.receive(arrival(tmp_path / "a.jpg"), said)
        assert photo.placement == HAND
        assert (photo.placement.by, photo.placement.decided) == (Rule.HAND, ("view",))
    assert len(list(ledger.photos())) == 1


def test_it_is_of_a_file_that_was_renamed_and_not_of_a_copy(
    tmp_path: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    decided(tmp_path / "a.jpg", ledger)
    copy = ledger.receive(arrival(tmp_path / "b.jpg"), original(tmp_path / "b.jpg"))
    assert copy.placement is None
    (tmp_path / "a.jpg").unlink()
    renamed = ledger.receive(arrival(tmp_path / "c.jpg"), original(tmp_path / "c.jpg"))
    assert renamed.placement == HAND
    assert renamed.path == tmp_path / "c.jpg"


def test_no_text_of_a_record_looks_like_a_decision(
    tmp_path: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    told = Placement(product_id=13, rule=IS_DECIDED, by=Rule.GIVEN, description='"by":"hand"')
    path = tmp_path / "a.jpg"
    ledger.receive(arrival(path), replace(original(path), placement=told))
    ledger.receive(arrival(path), original(path, sku="SM-14"))
    assert len(list(ledger.photos())) == 2, "another SKU is another photograph"


def test_an_arrival_is_not_dearer_where_a_content_is_that_of_many(
    full: Ledger, counter: Counter
) -> None:
    for number in range(300):
        full.receive(arrival(f"/many/{number}.jpg"), original(f"/many/{number}.jpg", b"same"))
    new = arrival("/many/new.jpg"), original("/many/new.jpg", b"same")
    assert counter.steps(partial(full.receive, *new)) <= 6_000
