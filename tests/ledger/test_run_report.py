"""What a process leaves behind; what the report promises is in `tests/contract/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.ledger import Ledger
from tests.makers import arrival, original


def test_files_are_told_of_in_the_order_of_their_arrival(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    for name in ("b", "a", "c"):
        ledger.receive(arrival(f"/158/{name}.jpg"), original(f"/158/{name}.jpg", name.encode()))
    names = [line.path.stem for line in ledger.run_report().lines]
    assert names == ["b", "a", "c"]


def test_one_photograph_counts_once_however_many_files_it_came_as(
    opened: Callable[[], Ledger],
) -> None:
    ledger = opened()
    for name in ("a", "b"):
        path = Path(f"/158/{name}.jpg")
        ledger.receive(arrival(path, product_id=158), original(path, product_id=158))
    assert [line.already for line in ledger.run_report().lines] == [False, True]
