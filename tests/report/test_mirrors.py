"""What is said of a product that is to be as a folder has it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.batches import ChangeKind, PlannedChange
from pipeline.engine.mirroring import Mirroring, Removal
from pipeline.report.mirrors import mirror_lines
from pipeline.values import ProductName
from tests.makers import photo, stored_image


def test_each_change_is_a_line_with_what_was_and_what_will_be() -> None:
    one = replace(photo(), path=Path("/in/a.jpg"))
    image = replace(stored_image(7), description="old")
    found = Mirroring(
        product_id=158,
        ours=3,
        created=[one],
        back=[one],
        removed=[Removal(photo=one, image=image, vanished=False)],
        changes=[
            PlannedChange(kind=ChangeKind.UPDATE, image=image, facts={"description": "a mug"})
        ],
        before=["a", "b"],
        after=["b", "c"],
        main_before="a",
        main_after="b",
    )
    assert list(mirror_lines(found, ProductName(sku="M-1", name="Mug"))) == [
        "Product 158 (M-1, Mug):",
        "  new      /in/a.jpg",
        "  again    /in/a.jpg: it was in the shop before",
        "  removed  image 7, /in/a.jpg: the folder does not hold it any more",
        "  order    a, b → b, c",
        "  main     a → b",
        "  words    image 7: “old” → “a mug”",
    ]


def test_of_a_product_that_stays_as_it_is_nothing_is_said() -> None:
    assert list(mirror_lines(Mirroring(product_id=158, ours=1), None)) == []
