"""The family of errors is the one that its drawing shows, and each says what happened."""

from __future__ import annotations

import re

import pytest

import pipeline.errors
from pipeline.errors import (
    LedgerDamaged,
    LedgerError,
    PhotoRefused,
    PipelineError,
    ProductUnknown,
    StoreRejected,
    StoreThrottled,
    StoreUnavailable,
)
from pipeline.lifecycle import Reason

FAMILY = [getattr(pipeline.errors, name) for name in pipeline.errors.__all__]


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: error.__name__)
def test_every_error_is_of_the_family_and_stands_in_the_drawing(error: type[Exception]) -> None:
    assert issubclass(error, PipelineError)
    assert re.search(rf"\b{error.__name__}\b", pipeline.errors.__doc__ or "")


def test_the_drawing_shows_no_error_that_is_not_there() -> None:
    drawn = re.findall(r"[├└]── (\w+)", pipeline.errors.__doc__ or "")
    assert sorted(["PipelineError", *drawn]) == sorted(pipeline.errors.__all__)


def test_a_rejection_says_the_stores_title_and_its_words_by_field() -> None:
    said = str(StoreRejected(422, "Invalid field(s)", {"image_file": "too large"}))
    assert said == "the shop said 422: Invalid field(s) (image_file: too large)"
    assert str(StoreRejected(404, "No such product")) == "the shop said 404: No such product"


def test_being_asked_to_wait_is_a_way_of_being_away() -> None:
    assert isinstance(StoreThrottled("later", 3.0), StoreUnavailable)
    assert isinstance(LedgerDamaged("broken"), LedgerError)
    assert isinstance(ProductUnknown(Reason.PRODUCT_UNKNOWN, "whose?"), PhotoRefused)
