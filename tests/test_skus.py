"""How SKUs compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.skus import alike, compared, gtin_forms, is_gtin, is_mpn, mpn_kept, name_kept


@pytest.mark.parametrize("one", ["SM-13", "sm-13", " Sm-13 ", "s\u0301m-13"])
def test_case_accents_and_blanks_at_the_ends_make_no_other_sku(one: str) -> None:
    assert alike(one) == "sm-13"


def test_all_else_does() -> None:
    assert len({alike(one) for one in ("SM-13", "SM13", "SM 13", "SM-130")}) == 4


@pytest.mark.parametrize(
    "code", ["4006381333931", "036000291452", "00036000291452", "96385074", "04006381333931"]
)
def test_the_number_of_a_barcode_has_its_check_digit(code: str) -> None:
    assert is_gtin(code)
    assert not is_gtin(code[:-1] + str((int(code[-1]) + 1) % 10))


@pytest.mark.parametrize("code", ["", "0", "158", "40063813339310", "400638133393A", "４" * 13])
def test_other_numbers_are_none(code: str) -> None:
    assert not is_gtin(code)


@given(st.integers(1, 10**13 - 1))
def test_zeros_before_it_make_no_other_barcode(number: int) -> None:
    digits = f"{number:013}"
    check = -sum(int(one) * (3 if at % 2 == 0 else 1) for at, one in enumerate(digits[::-1])) % 10
    code = f"{digits}{check}"
    forms = gtin_forms(code)
    assert code in forms
    assert all(is_gtin(form) and gtin_forms(form) == forms for form in forms)


@given(st.text())
def test_an_mpn_is_kept_as_what_no_sku_is_and_its_name_comes_back(name: str) -> None:
    assert is_mpn(mpn_kept(name))
    assert is_mpn(compared(mpn_kept(name)))
    assert not is_mpn(name)
    assert name_kept(mpn_kept(name)) == name == name_kept(name)
