"""What is told before of a product's order, main picture and requests; the folder's part of it is
in `test_mirroring.py`, what a run then does in `tests/stories/test_plan.py`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.engine.planning import ProductPlan, plan_products, requests_of
from pipeline.ledger import Ledger
from pipeline.ledger.sqlite import open_ledger
from pipeline.standing import standing
from tests.contract.steps import take, to_prepared
from tests.engine.test_changing import Product, an_image
from tests.engine.test_mirroring import come, engine_of
from tests.makers import ManualClock, inspection, picture, placement


@pytest.fixture
def ledger(tmp_path: Path, clock: ManualClock) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / "ledger.sqlite3", "store", "run", clock.now)) as ledger:
        yield ledger


def planned(ledger: Ledger, product: Product, clock: ManualClock) -> ProductPlan:
    (found,) = plan_products(engine_of(ledger, product, clock), [158])
    return found


def test_the_first_picture_of_a_product_becomes_its_main_one(
    ledger: Ledger, clock: ManualClock
) -> None:
    for name in ("2", "1"):
        come(ledger, name)
        to_prepared(ledger)
    found = planned(ledger, Product({}), clock)
    assert [one.path.stem for one in found.created] == ["1", "2"]
    assert (list(found.before), list(found.after)) == ([], ["1.jpg", "2.jpg"])
    assert (found.main_before, found.main_after, found.later) == ("", "1.jpg", 0)
    assert requests_of([found]) == 3, "two pictures, and a look at the product"


def test_views_come_in_the_order_in_which_the_shop_will_show_them(
    ledger: Ledger, clock: ManualClock
) -> None:
    for name, view in (("a", "back"), ("b", "front"), ("c", "main")):
        come(ledger, name)
        place = replace(placement(158), view=view, standing=standing(None, view, None))
        ledger.validated(take(ledger), inspection(), place, "checked")
        ledger.prepared(take(ledger), picture(), "prepared")
    found = planned(ledger, Product({}), clock)
    assert [one.path.stem for one in found.created] == ["c", "b", "a"]


def test_what_was_there_before_us_stays_before_ours_and_keeps_the_main_picture(
    ledger: Ledger, clock: ManualClock
) -> None:
    come(ledger, "a")
    to_prepared(ledger)
    theirs = replace(an_image(7, 3, main=True), image_file="x/theirs.jpg")
    found = planned(ledger, Product({7: theirs}), clock)
    assert (list(found.before), list(found.after)) == (["theirs.jpg"], ["theirs.jpg", "a.jpg"])
    assert (found.main_before, found.main_after, found.ours) == ("theirs.jpg", "theirs.jpg", 0)


def test_nothing_to_do_takes_no_request(ledger: Ledger, clock: ManualClock) -> None:
    found = planned(ledger, Product({7: an_image(7)}), clock)
    assert not found.anything
    assert requests_of([found]) == 0
