"""How SKUs compare."""

from __future__ import annotations

import pytest

from pipeline.skus import alike


@pytest.mark.parametrize("one", ["SM-13", "sm-13", " Sm-13 ", "s\u0301m-13"])
def test_case_accents_and_blanks_at_the_ends_make_no_other_sku(one: str) -> None:
    assert alike(one) == "sm-13"


def test_all_else_does() -> None:
    assert len({alike(one) for one in ("SM-13", "SM13", "SM 13", "SM-130")}) == 4
