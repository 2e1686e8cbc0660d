from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.spellings import read_as, written_as


@pytest.mark.parametrize(
    ("name", "readings"),
    [
        ("ABC_D", ("ABC/D",)),
        ("ABC-D", ("ABC/D",)),
        ("ABC%2FD", ("ABC/D",)),
        ("ABC%2fD_2", ("ABC/D_2",)),
        ("ABC_D-2", ("ABC/D-2", "ABC_D/2")),
        ("A_B_C", ("A/B_C", "A_B/C", "A/B/C")),
        ("ABC", ()),
        ("id-158", ()),
        ("_ABC-", ()),
    ],
)
def test_a_name_is_read_as_a_sku_with_slashes(name: str, readings: tuple[str, ...]) -> None:
    assert read_as(name) == readings


@given(st.text("AB12_-%F", max_size=30))
def test_whatever_a_name_is_read_as_is_written_so(name: str) -> None:
    readings = read_as(name)
    assert len(readings) <= 8
    for sku in readings:
        assert name.casefold() in {one.casefold() for one in written_as(sku)} | {
            name.casefold()
        } & {sku.replace("/", "%2F").casefold()}


def test_a_sku_without_a_slash_is_written_as_it_is() -> None:
    assert written_as("SM-13") == frozenset()
    assert written_as("ABC/D") == {"ABC_D", "ABC-D", "ABC%2FD"}
