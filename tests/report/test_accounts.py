"""The account of a time counts each photograph once, and agrees with what is told of today."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.report.accounts import CSV_COLUMNS, MOST_NAMED, Account, csv_row, needs_somebody
from pipeline.report.wording import today_of
from pipeline.values import Photo, Tally
from tests.makers import picture, placement
from tests.report.photos import photo

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


def one(state: State, product: int | None = 158, reason: Reason | None = None) -> Photo:
    placed = None if product is None else placement(product)
    return photo("/in/a.jpg", state, placement=placed, reason=reason, picture=picture())


def some(chance: random.Random) -> list[Photo]:
    found = []
    for _ in range(chance.randint(0, 60)):
        state = chance.choice(list(State))
        noted = state is State.REFUSED and chance.random() < 0.5
        product = None if state is State.WAITING else chance.choice([158, 214])
        found.append(one(state, product, Reason.NOT_FOR_UPLOAD if noted else None))
    return found


@pytest.mark.parametrize("seed", range(20))
def test_its_sums_are_those_that_are_told_of_today(seed: int) -> None:
    found = some(random.Random(seed))
    account = Account()
    for each in found:
        account.found(each)
    aside = sum(each.reason is Reason.NOT_FOR_UPLOAD for each in found)
    counts = {state: sum(each.state is state for each in found) for state in State}
    today = today_of(Tally(counts=counts, not_for_upload=aside), counts[State.STORED])
    assert account.sentence("Today") == today, f"seed {seed}"
    document = account.document(NOW, None)
    names = ("stored", "not_finished", "waiting", "refused", "failed", "removed")
    assert document["found"] == sum(document[name] for name in names) == len(found) - aside
    of_products = sum(
        row["stored"] + row["not_finished"] + row["refused"] + row["failed"] + row["removed"]
        for row in document["products"]
    )
    assert of_products == document["found"] - counts[State.WAITING]
    assert len(document["need_somebody"]) == sum(map(needs_somebody, found))


def test_the_photographs_of_a_product_are_told_together() -> None:
    account = Account()
    account.found(one(State.STORED), "SM-13")
    account.found(one(State.PREPARED), "SM-13")
    account.found(one(State.STORED, 7))
    (first, seven), (second, mug) = account.by_product()
    assert (first, second) == (7, 158)
    assert (mug.sku, mug.counts[State.STORED], mug.not_finished) == ("SM-13", 1, 1)
    assert mug.stored_bytes == seven.stored_bytes == picture().size


def test_only_the_first_of_very_many_are_named_and_the_rest_counted() -> None:
    account = Account()
    for _ in range(MOST_NAMED + 7):
        account.found(one(State.WAITING, None))
    assert len(account.named) == MOST_NAMED
    assert account.document(NOW, NOW)["need_somebody_besides"] == 7


def test_what_came_into_the_shop_from_before_is_said() -> None:
    account = Account()
    account.stored_earlier = 3
    assert account.sentence("Since Monday") == (
        "Since Monday: nothing new was found. Of what was found before, 3 came into the shop then."
    )


@pytest.mark.parametrize("state", State)
def test_each_photograph_is_a_row_of_a_table(state: State) -> None:
    reason = Reason.DAMAGED if state not in {*UNFINISHED_STATES, State.STORED} else None
    row = csv_row(one(state, reason=reason), "SM-13")
    assert len(row) == len(CSV_COLUMNS)
    assert row[CSV_COLUMNS.index("reason")] == (reason or "")
    assert row[CSV_COLUMNS.index("sku")] == "SM-13"


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_of_somebody_else_is_a_formula_for_a_spreadsheet(text: str) -> None:
    row = csv_row(replace(one(State.FAILED), sentence=text, path=Path(text)), text)
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
