"""What a row keeps whole is short, and is read as it was written, by whichever version."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.home import spool_name
from pipeline.ledger.records import (
    image_of,
    image_record,
    inspection_of,
    inspection_record,
    picture_of,
    picture_record,
    placement_of,
    placement_record,
)
from pipeline.values import (
    EncodeReport,
    ImageFormat,
    Inspection,
    Oddity,
    Picture,
    Placement,
    Profile,
    StoredImage,
)
from tests.makers import inspection, picture, placement, stored_image

# Half of a pair of signs is what Python makes of a file's name that is no valid text.
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBER = st.integers(-(2**53), 2**53)
DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)

PLACEMENTS = st.builds(
    Placement,
    product_id=NUMBER,
    rule=TEXT,
    order=st.none() | NUMBER,
    thumbnail=st.none() | st.booleans(),
    description=st.none() | TEXT,
)
INSPECTIONS = st.builds(
    Inspection,
    format=st.sampled_from(ImageFormat),
    width=NUMBER,
    height=NUMBER,
    orientation=st.integers(1, 8),
    mode=TEXT,
    bit_depth=NUMBER,
    profile=st.sampled_from(Profile),
    frames=NUMBER,
    private=st.booleans(),
    trailing=st.booleans(),
    oddities=st.lists(st.sampled_from(Oddity), unique=True).map(tuple),
)
REPORTS = st.builds(
    EncodeReport,
    scale=st.floats(0, 1),
    decoded=st.sampled_from([1.0, 0.5, 0.25]),
    resampling=TEXT,
    chroma=TEXT,
    quality=st.none() | st.floats(1, 100),
    encodes=NUMBER,
    why=TEXT,
)


@st.composite
def pictures(draw: st.DrawFn) -> tuple[dict[str, Any], Picture]:
    """A row, and a picture that shares much with it, or nothing."""
    photo_id, original, likeness = draw(TEXT), draw(DIGEST), draw(st.none() | DIGEST)
    sha256 = draw(st.just(original) | DIGEST)
    kind = draw(st.sampled_from(ImageFormat))
    own = spool_name(sha256, photo_id, kind.suffix)
    made = draw(
        st.builds(
            Picture,
            sha256=st.just(sha256),
            spool_name=st.just(own) | TEXT,
            size=NUMBER,
            width=NUMBER,
            height=NUMBER,
            format=st.just(kind),
            upload_name=TEXT,
            passthrough=st.booleans(),
            work=st.lists(TEXT, max_size=3).map(tuple),
            encode_report=st.none() | REPORTS,
            likeness=st.just(likeness) | st.none() | DIGEST,
        )
    )
    return {"id": photo_id, "sha256": original, "likeness": likeness}, made


ADDRESS = "https://cdn11.bigcommerce.com/s-abc/products/158/images/7/photo__98178.1721234567"
SHOPS = (".1280.1280.jpg?c=2", ".560.850.jpg?c=2", ".330.500.jpg?c=2", ".66.100.jpg?c=2")


@st.composite
def images(draw: st.DrawFn) -> StoredImage:
    """An image whose addresses are alike, or not."""
    before, after = draw(st.just(ADDRESS) | TEXT), draw(st.just("?c=2") | TEXT)
    urls = [f"{before}{draw(TEXT | st.sampled_from(SHOPS))}{after}" for _ in range(4)]
    if draw(st.booleans()):
        urls[draw(st.integers(0, 3))] = ""
    return replace(
        stored_image(draw(st.just(7) | NUMBER)),
        image_file=draw(st.just("o/381/photo__98178.jpg") | TEXT),
        is_thumbnail=draw(st.booleans()),
        sort_order=draw(NUMBER),
        description=draw(TEXT),
        date_modified=draw(TEXT),
        url_zoom=urls[0],
        url_standard=urls[1],
        url_thumbnail=urls[2],
        url_tiny=urls[3],
    )


@given(PLACEMENTS)
def test_a_placement_is_read_as_it_was_written(value: Placement) -> None:
    assert placement_of({"placement": through_the_file(placement_record(value))}) == value
    assert placement_of({"placement": as_before(value)}) == value


@given(INSPECTIONS)
def test_an_inspection_is_read_as_it_was_written(value: Inspection) -> None:
    assert inspection_of({"inspection": through_the_file(inspection_record(value))}) == value
    assert inspection_of({"inspection": as_before(value)}) == value


@given(pictures())
def test_a_picture_is_read_as_it_was_written(given: tuple[dict[str, Any], Picture]) -> None:
    row, value = given
    record = picture_record(
        value, photo_id=row["id"], sha256=row["sha256"], likeness=row["likeness"]
    )
    assert picture_of({**row, "picture": through_the_file(record)}) == value
    assert picture_of({**row, "picture": as_before(value)}) == value


@given(images())
def test_an_image_is_read_as_it_was_written(value: StoredImage) -> None:
    assert image_of({"image": through_the_file(image_record(value))}) == value
    assert image_of({"image": as_before(value)}) == value


def through_the_file(record: str | None) -> str:
    """Return a record as SQLite gives it back, which keeps valid text alone."""
    assert record is not None
    return record.encode().decode()


def as_before(value: Any) -> str:
    """Return a value as it was written while nothing was left out."""
    return json.dumps(asdict(value), sort_keys=True)


def test_what_is_not_there_has_no_record() -> None:
    row = {"id": "a", "sha256": "b", "likeness": None}
    nothing: dict[str, Callable[[], object]] = {
        "placement": lambda: placement_of({"placement": placement_record(None)}),
        "inspection": lambda: inspection_of({"inspection": inspection_record(None)}),
        "picture": lambda: picture_of(
            {**row, "picture": picture_record(None, photo_id="", sha256="", likeness=None)}
        ),
        "image": lambda: image_of({"image": image_record(None)}),
    }
    assert {name: read() for name, read in nothing.items()} == dict.fromkeys(nothing)


def test_a_picture_of_before_the_likeness_was_known_has_none() -> None:
    facts = asdict(picture())
    del facts["likeness"]
    row = {"id": "a", "sha256": "b", "likeness": None, "picture": json.dumps(facts)}
    assert picture_of(row) == picture()


def test_a_usual_photograph_has_short_records() -> None:
    usual = replace(inspection(), profile=Profile.SRGB, private=True)
    image = replace(
        stored_image(),
        url_zoom=f"{ADDRESS}.1280.1280.jpg?c=2",
        url_standard=f"{ADDRESS}.560.850.jpg?c=2",
        url_thumbnail=f"{ADDRESS}.330.500.jpg?c=2",
        url_tiny=f"{ADDRESS}.66.100.jpg?c=2",
    )
    row_says = replace(picture(), likeness="c" * 64, encode_report=EncodeReport())
    row_says = replace(row_says, spool_name=spool_name(row_says.sha256, "abc", ".jpg"))
    assert inspection_record(usual) == '{"w":6000,"h":4000}'
    assert placement_record(placement()) == '{"product_id":158,"rule":"the product was given"}'
    assert image_record(image) == (
        '{"id":7,"product_id":158,"file":"o/381/photo__98178.jpg",'
        '"at":"2026-11-24T09:00:00+00:00",'
        '"urls":["https://cdn11.bigcommerce.com/s-abc",".1721234567.","0.jpg?c=2",'
        '"1280.128","560.85","330.50","66.10"]}'
    )
    assert picture_record(
        row_says, photo_id="abc", sha256=row_says.sha256, likeness=row_says.likeness
    ) == (
        f'{{"size":812334,"w":2048,"h":1365,"name":"{row_says.upload_name}",'
        '"work":["6000 × 4000 → 2048 × 1365","JPEG quality 91"],"made":{}}'
    )


@pytest.mark.parametrize("record", ["[]", "null", '"text"', "3", "{", '{"urls":[]}'])
def test_what_makes_no_sense_is_said_to_make_none(record: str) -> None:
    row = {"id": "a", "sha256": "b", "likeness": None}
    for read in (
        lambda: placement_of({"placement": record}),
        lambda: inspection_of({"inspection": record}),
        lambda: picture_of({**row, "picture": record}),
        lambda: image_of({"image": record}),
    ):
        with pytest.raises((ValueError, TypeError, KeyError)):
            read()
