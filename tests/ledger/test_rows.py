"""Rows that other versions of the program wrote are read, whatever fields these knew."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.ledger.records import Kept
from pipeline.ledger.rows import moment_of, text_of
from pipeline.standing import shot_order_key
from pipeline.values import ImageFormat, Photo, Profile
from tests.makers import arrival, original

INSPECTION = {
    "bit_depth": 8,
    "format": "JPEG",
    "frames": 1,
    "height": 400,
    "mode": "RGB",
    "orientation": 6,
    "private": True,
    "profile": "srgb",
    "trailing": False,
    "transparent": False,
    "width": 600,
}
ENCODE_REPORT = {
    "chroma": "4:4:4",
    "closeness": 0.9912,
    "decoded": 0.5,
    "encodes": 2,
    "quality": 91.5,
    "resampling": "Lanczos in linear light",
    "scale": 0.34,
    "why": "it was a JPEG",
}
PICTURE = {
    "format": "JPEG",
    "height": 600,
    "encode_report": ENCODE_REPORT,
    "passthrough": False,
    "sha256": "ab",
    "size": 1234,
    "spool_name": "ab.jpg",
    "upload_name": "sm-13-front-3f9a1c2b7d.jpg",
    "width": 400,
    "work": ["turned upright", "JPEG quality 91"],
}
PLACEMENT = {
    "description": None,
    "order": 3,
    "product_id": 158,
    "rule": "its folder",
    "thumbnail": None,
}
"""The JSON of a ledger of before fields were dropped."""

Read = Callable[..., Photo]


@pytest.fixture
def read(file: Path, opened: Callable[[], Ledger]) -> Read:
    """Return a photograph whose row keeps these columns as JSON."""
    ledger = opened()
    photo = ledger.receive(arrival("/in/158_1.jpg"), original("/in/158_1.jpg"))

    def reader(**columns: Any) -> Photo:
        with closing(sqlite3.connect(file)) as connection:
            for column, facts in columns.items():
                connection.execute(f"UPDATE photos SET {column} = ?", (json.dumps(facts),))
            connection.commit()
        again = ledger.photo(photo.id)
        assert again is not None
        return again

    return reader


def test_what_an_older_version_kept_is_read_and_what_is_unknown_is_dropped(read: Read) -> None:
    photo = read(inspection=INSPECTION, picture=PICTURE, placement=PLACEMENT)
    assert photo.inspection is not None
    assert (photo.inspection.format, photo.inspection.profile) == (ImageFormat.JPEG, Profile.SRGB)
    assert (photo.inspection.width, photo.inspection.orientation) == (600, 6)
    assert photo.picture is not None
    assert photo.picture.work == ("turned upright", "JPEG quality 91")
    assert photo.picture.encode_report is not None
    assert (photo.picture.encode_report.quality, photo.picture.encode_report.encodes) == (91.5, 2)
    assert photo.placement is not None
    assert (photo.placement.product_id, photo.placement.order) == (158, 3)


def test_what_a_newer_version_keeps_is_read_without_what_it_added(read: Read) -> None:
    made = {**ENCODE_REPORT, "tool": "a newer encoder"}
    photo = read(
        picture={**PICTURE, "encode_report": made, "shade": 3}, placement={**PLACEMENT, "view": 1}
    )
    assert photo.picture is not None
    assert photo.picture.encode_report is not None
    assert photo.placement is not None


def test_a_field_that_is_missing_gets_its_default(read: Read) -> None:
    picture = {name: fact for name, fact in PICTURE.items() if name != "encode_report"}
    photo = read(picture=picture, placement={"product_id": 158, "rule": "its folder"})
    assert photo.picture is not None
    assert photo.picture.encode_report is None
    assert photo.placement is not None
    assert photo.placement.order is None


@pytest.mark.parametrize(
    "placement",
    [{"rule": "its folder"}, [], None, "158"],
    ids=["no product", "a list", "nothing", "a text"],
)
def test_a_row_without_what_it_cannot_do_without_is_told(read: Read, placement: object) -> None:
    with pytest.raises(LedgerError, match=r"158_1\.jpg cannot be read"):
        read(placement=placement)


def test_a_value_that_means_nothing_here_is_told(read: Read) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        read(inspection={**INSPECTION, "format": "TIFF"})


def test_a_field_that_was_renamed_is_found_under_its_former_name() -> None:
    @dataclass(frozen=True)
    class Report:
        quality: float
        tries: int = 0

    kept = Kept(make=Report, aliases={"encodes": "tries"})
    assert kept.value({"quality": 91.0, "encodes": 2}) == Report(91.0, 2)
    assert kept.of('{"quality": 91.0, "tries": 3}') == Report(91.0, 3)
    assert kept.of(None) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", None),
        ("reason", "eaten_by_the_dog"),
        ("placement", "{"),
        ("placement", '{"product": 1}'),
        ("received_at", "yesterday"),
        ("inspection", '{"format": "TIFF"}'),
        ("image", "[]"),
    ],
)
def test_a_row_that_makes_no_sense_is_an_error_of_the_ledger(
    file: Path, ledger: Ledger, column: str, value: str | None
) -> None:
    ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))
    with closing(sqlite3.connect(file)) as connection:
        if value is None:
            connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(f"UPDATE photos SET {column} = ?", (value or "sold",))
        connection.commit()
    with pytest.raises(LedgerError, match=r"/158/a.jpg cannot be read .*ledger check"):
        list(ledger.photos())
    with pytest.raises(LedgerError):
        ledger.receive(arrival("/158/a.jpg"), original("/158/a.jpg"))


@given(st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from(["", "a", "B"])), max_size=6))
def test_shots_sort_by_their_numbers_and_not_by_the_case_of_letters(
    shots: list[tuple[int, str]],
) -> None:
    paths = [Path(f"/in/Shot_{number}{letter}.jpg") for number, letter in sorted(shots)]
    by_key = sorted(paths, key=shot_order_key)
    assert [int(re.sub(r"\D", "", path.name)) for path in by_key] == sorted(n for n, _ in shots)
    assert shot_order_key(Path("/IN/a.JPG")) == shot_order_key(Path("/in/A.jpg"))


@given(st.datetimes(), st.datetimes(), st.integers(-14, 14))
def test_times_sort_as_text_whatever_their_zone(one: datetime, other: datetime, hours: int) -> None:
    assume(all(1 < moment.year < 9998 for moment in (one, other)))
    first = one.replace(tzinfo=UTC)
    second = other.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert (text_of(first) < text_of(second)) == (first < second)
    assert moment_of(text_of(second)) == second
