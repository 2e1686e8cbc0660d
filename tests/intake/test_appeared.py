"""Which names are new in a shop: one question, against a real store and a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.intake.appeared import MOST_UNANSWERED, Appeared
from pipeline.ledger.sqlite import open_ledger
from tests.intake.test_kept_catalogue import Studio
from tests.servers import client_of, local_store


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    catalogue = "1,SKU-1,Mug,\n2,AB/C,Bowl,\n"
    with local_store(tmp_path / "store", catalogue=catalogue) as store:
        yield Studio(tmp_path, store)


@contextmanager
def asking(studio: Studio, folder: Path) -> Iterator[Appeared]:
    client = client_of(studio.store)
    with closing(open_ledger(folder / "ledger.sqlite3", "a/v3", "run", studio.now)) as ledger:
        yield Appeared(client.skus.changed, ledger, studio.now)


def test_only_what_is_new_is_told_and_once(studio: Studio, tmp_path: Path) -> None:
    with asking(studio, tmp_path) as appeared:
        appeared.names()
        studio.wait(minutes=30)
        assert appeared.names() == frozenset()
        studio.change(
            "INSERT INTO products (id, sku, name, listed, modified) "
            "VALUES (700, 'NEW/7', '', 1, now())"
        )
        assert appeared.names() == {"new/7", "new_7", "new-7", "new%2f7", "id 700"}
        assert appeared.names() == frozenset()
        # What sells is changed again and again, and is no news.
        studio.change("UPDATE products SET name = 'Sold', modified = now() WHERE id = 700")
        assert appeared.names() == frozenset()
        studio.change("UPDATE products SET sku = 'SKU-8', modified = now() WHERE id = 1")
        assert appeared.names() == {"sku-8", "id 1"}


def test_an_mpn_that_a_product_gets_is_a_new_name(studio: Studio, tmp_path: Path) -> None:
    with asking(studio, tmp_path) as appeared:
        appeared.names()
        studio.change("UPDATE products SET mpn = 'NW-1', modified = now() WHERE id = 1")
        assert appeared.names() == {"sku-1", "nw-1", "id 1"}
        assert appeared.names() == frozenset()


def test_each_time_it_is_one_question_whatever_waits(studio: Studio, tmp_path: Path) -> None:
    with asking(studio, tmp_path) as appeared:
        appeared.names()
        (query,) = studio.questions(appeared.names)
        assert "date_modified" in query


def test_a_shop_that_does_not_tell_what_changed_is_asked_a_few_times_only(
    studio: Studio, tmp_path: Path
) -> None:
    asked: list[datetime] = []

    def untold(since: datetime) -> None:
        asked.append(since)

    with closing(open_ledger(tmp_path / "l.sqlite3", "a/v3", "run", studio.now)) as ledger:
        appeared = Appeared(untold, ledger, studio.now)
        for _ in range(10):
            assert appeared.names() == frozenset()
    assert len(asked) == MOST_UNANSWERED
