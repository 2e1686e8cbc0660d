from __future__ import annotations

import pytest

from pipeline.intake.numbers import is_bare_number, is_picture_number, may_name_a_product


@pytest.mark.parametrize(
    ("name", "whole", "always", "with_plain_ids"),
    [
        ("SM-13", "SM-13-2026-11-27", True, True),
        ("900", "900 front", True, True),
        ("900", "900-mugs", False, True),
        ("12", "12.5x8cm-frame", False, False),
        ("2026", "2026-11-27", False, False),
        ("2026", "2026 summer", False, True),
        ("id-158", "id-158_2", True, True),
        ("product-2026", "product-2026-11-27", False, False),
        ("500ml", "500ml", False, False),
    ],
)
def test_a_beginning_may_name_a_product_where_its_number_is_nothing_else(
    name: str, whole: str, always: bool, with_plain_ids: bool
) -> None:
    assert may_name_a_product(name, whole, plain_ids=False) is always
    assert may_name_a_product(name, whole, plain_ids=True) is with_plain_ids


def test_a_file_that_is_merely_numbered_is_told_from_one_that_begins_with_a_number() -> None:
    assert is_picture_number("0042", "0042")
    assert not is_picture_number("158", "158_1")
    assert not is_picture_number("10042", "10042")
    assert is_bare_number("158")
    assert not is_bare_number("158a")
