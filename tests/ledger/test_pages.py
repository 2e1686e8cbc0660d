"""Very many rows come page by page, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from pipeline.ledger.pages import PAGE, page_by_page


class Table:
    """Rows by their numbers, and how many were asked for each time."""

    def __init__(self, number: int) -> None:
        self.numbers = [2 * one for one in range(1, number + 1)]
        self.asked: list[int] = []

    @contextmanager
    def reading(self) -> Iterator[Table]:
        yield self

    def rows(self, question: str, **values: Any) -> Sequence[Any]:
        page = [{"seq": one} for one in self.numbers if one > values["after"]][: values["page"]]
        self.asked.append(len(page))
        return page


@pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE])
def test_each_row_comes_once_and_in_order(number: int) -> None:
    table = Table(number)
    found = page_by_page(table, "", {})  # type: ignore[arg-type]
    assert [row["seq"] for row in found] == table.numbers
    assert max(table.asked) <= PAGE


def test_it_begins_behind_a_number() -> None:
    found = page_by_page(Table(5), "", {}, after=4)  # type: ignore[arg-type]
    assert [row["seq"] for row in found] == [6, 8, 10]
