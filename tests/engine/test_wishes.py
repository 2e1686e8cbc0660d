"""What our own commands change by hand is written down as a person's wish, before it is done."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from pipeline.batches import BatchKind, ChangeKind, PlannedChange
from pipeline.engine.wishes import note_taken_back, note_wishes
from pipeline.ledger.port import ByHand, Decision
from tests.engine.test_changing import PRODUCT, Product, an_image, update
from tests.engine.test_imposing import an_engine


def test_order_and_main_picture_are_wishes_words_and_a_delete_are_none(tmp_path: Path) -> None:
    product = Product({})
    engine = an_engine([0, 1], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger) as ledger:
        image = product.images[2]
        for said in ({"description": "a mug"}, {"is_thumbnail": False}):
            note_wishes(ledger, PRODUCT, [*product.images.values()], [update(image, **said)])
        gone = PlannedChange(kind=ChangeKind.DELETE, image=image)
        note_wishes(ledger, PRODUCT, [*product.images.values()], [gone])
        assert set(ledger.by_hand(PRODUCT)) == set()
        wish = update(image, sort_order=-1, is_thumbnail=True)
        note_wishes(ledger, PRODUCT, [*product.images.values()], [wish])
        assert set(ledger.by_hand(PRODUCT)) == {
            ByHand(2, Decision.PLACE),
            ByHand(2, Decision.MAIN),
        }


def test_what_a_person_moved_in_the_shop_before_is_noted_with_it(tmp_path: Path) -> None:
    product = Product({})
    engine = an_engine([0, 1, 2], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger) as ledger:
        product.images[3] = an_image(3, -5)
        note_wishes(ledger, PRODUCT, [*product.images.values()], [])
        assert set(ledger.by_hand(PRODUCT)) == {ByHand(3, Decision.PLACE)}


@pytest.mark.parametrize(
    ("kind", "noted"),
    [(BatchKind.COMMAND, {ByHand(2, Decision.PLACE)}), (BatchKind.RUN, set())],
)
def test_what_takes_back_a_command_is_a_wish_too_and_what_takes_back_a_run_is_none(
    tmp_path: Path, kind: BatchKind, noted: set[ByHand]
) -> None:
    product = Product({})
    engine = an_engine([0, 1], product, tmp_path / "ledger.sqlite3")
    with closing(engine.ledger) as ledger:
        first = ledger.begin_batch(kind)
        for number in (ledger.begin_batch(BatchKind.UNDO, takes_back=first), first):
            batch = ledger.batch(number)
            assert batch is not None
            note_taken_back(engine, batch, [update(product.images[2], sort_order=0)])
            assert set(ledger.by_hand(PRODUCT)) == noted
