from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.numbered import Settled, lying_beside, numbered_below, settled


@pytest.mark.parametrize(
    ("name", "stem", "base"),
    [
        ("ABC_2", "ABC_2", "ABC"),
        ("ABC-02", "ABC-02-front", "ABC"),
        ("ABC (2", "ABC (2)", "ABC"),
        ("SM-13", "SM-13", "SM"),
        ("ABC_2", "ABC_2_1", None),
        ("ABC_2", "ABC_2 (3)", None),
        ("ABC_2026", "ABC_2026", None),
        ("ABC2", "ABC2", None),
        ("_2", "_2", None),
    ],
)
def test_a_name_may_be_a_numbered_picture_of_a_shorter_one(
    name: str, stem: str, base: str | None
) -> None:
    assert numbered_below(name, stem) == base


def meant(*beside: str, skus: tuple[str, ...] = ("ABC", "ABC_2")) -> Settled | None:
    return settled(
        "ABC_2", "ABC", "ABC_2", beside, lambda names: [one for one in names if one in skus]
    )


def test_numbers_that_are_no_skus_number_pictures() -> None:
    assert meant("ABC_1", "ABC_3", "other") == Settled("ABC", ("ABC_1", "ABC_3"))
    assert meant("abc_1") == Settled("ABC", ("abc_1",))
    assert meant("ABC_1", "ABC_3", skus=("ABC", "ABC_1", "ABC_2", "ABC_3")) is None


def test_what_begins_with_the_longer_name_is_of_that_product() -> None:
    assert meant("ABC_2_1", "ABC_2-back") == Settled("ABC_2", ("ABC_2-back", "ABC_2_1"))
    assert meant("ABC_20") == Settled("ABC", ("ABC_20",))


def test_where_both_or_nothing_is_said_nothing_is_settled() -> None:
    assert meant() is None
    assert meant("ABC", "XYZ_1") is None
    assert meant("ABC_1", "ABC_2_1") is None


@given(st.lists(st.text("ABC_12-", max_size=9), max_size=6))
def test_whatever_lies_beside_it_one_of_the_two_is_meant_or_nothing_is_said(
    beside: list[str],
) -> None:
    found = meant(*beside)
    assert found is None or (found.name in ("ABC", "ABC_2") and set(found.evidence) <= set(beside))


def test_a_folder_is_read_again_when_something_was_put_there(tmp_path: Path) -> None:
    file = tmp_path / "ABC_2.jpg"
    file.write_bytes(b"")
    assert lying_beside(file, tmp_path) == ("ABC_2",)
    (tmp_path / "ABC_1.jpg").write_bytes(b"")
    assert set(lying_beside(file, tmp_path)) == {"ABC_1", "ABC_2"}
    assert lying_beside(tmp_path / "gone" / "a.jpg", tmp_path) == ()


def test_no_folder_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "ABC_1.jpg").write_bytes(b"")
    (tmp_path / "named").mkdir()
    (tmp_path / "named" / "link").symlink_to(tmp_path / "elsewhere")
    assert lying_beside(tmp_path / "named" / "link" / "ABC_2.jpg", tmp_path / "named") == ()
