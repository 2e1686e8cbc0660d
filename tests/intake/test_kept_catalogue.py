"""Names are hardly ever asked for, and no photograph is given to a product by what was once so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from pipeline.errors import ProductUnknown
from pipeline.intake import Assigner
from pipeline.intake.kept_catalogue import KeptCatalogue, SkuQuestions
from pipeline.ledger.sqlite import open_ledger
from pipeline.values import Original
from tests.localstore.process import StoreProcess
from tests.makers import original
from tests.servers import client_of, local_store

PRODUCTS = 600
"""More than two pages: so many are not read again where some questions are enough."""

CATALOGUE = "".join(f"{number},SKU-{number},Mug,\n" for number in range(1, PRODUCTS + 1))

VARIANTS = "9001,RED-1,Red,1\n9002,RED-2,Red,2\n"


class Studio:
    """A shop, a ledger, and a clock that goes on as a test says."""

    def __init__(self, folder: Path, store: StoreProcess) -> None:
        self.store = store
        self._file = folder / "ledger.sqlite3"
        self._later = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._later

    def wait(self, **times: float) -> None:
        self._later += timedelta(**times)

    @contextmanager
    def run(self) -> Iterator[Assigner]:
        """What one process knows: all but the ledger is new."""
        client = client_of(self.store)
        asked = SkuQuestions(
            above=client.skus.above,
            changed=client.skus.changed,
            of=client.skus.of,
            clock_ahead=lambda: client.clock_ahead,
        )

        def seconds() -> float:
            return self.now().timestamp()

        with closing(open_ledger(self._file, "a/v3", "run", self.now)) as ledger:
            kept = KeptCatalogue(ledger, asked, self.now, seconds)
            yield Assigner(
                client.products_by_sku, client.known_products, kept=kept, monotonic=seconds
            )

    def whose(self, *names: str) -> list[int | None]:
        """Have a process of its own place photographs, many others with them."""
        with self.run() as assigner:
            return placed(assigner, *names)

    def change(self, statement: str, *values: int | str) -> None:
        """Change the shop, at the time that it is here."""
        with closing(sqlite3.connect(self.store.data / "store.sqlite3")) as connection:
            connection.create_function("now", 0, lambda: int(self.now().timestamp()))
            connection.execute(statement, values)
            connection.commit()

    def questions(self, work: Callable[[], object]) -> list[str]:
        """Return the queries of what the shop was asked meanwhile."""
        self.store.control("DELETE", "_log")
        work()
        return [entry["query"] for entry in self.store.seen()]


def shot(name: str) -> Original:
    path = Path("/shop") / name
    made = original(path, name.encode())
    return Original(sha256=made.sha256, size=made.size, path=path, root=Path("/shop"))


def placed(assigner: Assigner, *names: str) -> list[int | None]:
    """Have photographs placed that were all expected before."""
    shots = [shot(name) for name in names]
    for one in shots:
        assigner.expect(one)
    found: list[int | None] = []
    for one in shots:
        try:
            found.append(assigner.place(one).product_id)
        except ProductUnknown:
            found.append(None)
    return found


def names_of(products: int, photographs: int, first: int = 1) -> tuple[list[str], list[int]]:
    """Return the names of so many photographs of so many products, and whose they are."""
    whose = [1 + number % products for number in range(photographs)]
    return [f"SKU-{one}_{first + at // products}.jpg" for at, one in enumerate(whose)], whose


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """One whose catalogue was read whole, some minutes ago."""
    with local_store(tmp_path, catalogue=CATALOGUE + VARIANTS) as store:
        studio = Studio(tmp_path, store)
        studio.change("UPDATE products SET modified = now() - 86400")
        names, whose = names_of(300, 600)
        assert studio.whose(*names) == whose
        studio.wait(minutes=11)
        yield studio


def kinds(queries: list[str]) -> list[str]:
    """Tell the questions apart; those for a name that no catalogue knows are left out."""
    told = {"sku%3Ain": "names", "date_modified": "changed", "id%3Ain": "of", "id%3Amin": "whole"}
    return [
        next(kind for sign, kind in told.items() if sign in query)
        for query in queries
        if "no-such-sku" not in query
    ]


@pytest.mark.parametrize(("products", "most"), [(300, 2), (600, 3)])
def test_names_of_two_thousand_photographs_take_less_than_one_in_a_hundred_requests(
    tmp_path: Path, products: int, most: int
) -> None:
    lines = "".join(f"{number},SKU-{number},Mug,\n" for number in range(1, products + 1))
    with local_store(tmp_path, catalogue=lines) as store:
        studio = Studio(tmp_path, store)
        for first in (1, 101):
            names, whose = names_of(300, 2_000, first)
            asked = studio.questions(partial(check, studio, names, whose))
            assert len(asked) <= 2 + most, "the rest is for images"
            assert set(kinds(asked)) <= {"whole"} if first == 1 else len(kinds(asked)) <= most
            studio.wait(minutes=11)


def check(studio: Studio, names: list[str], whose: list[int]) -> None:
    assert studio.whose(*names) == whose


def test_a_large_shop_is_read_whole_once_as_many_names_were_asked_for(tmp_path: Path) -> None:
    lines = "".join(f"{number},SKU-{number},Mug,\n" for number in range(1, 2_501))
    with local_store(tmp_path, catalogue=lines) as store:
        studio = Studio(tmp_path, store)
        seen = []
        for first in range(1, 5):
            names, whose = names_of(30, 300, 100 * first)
            queries = studio.questions(partial(check, studio, names, whose))
            seen.append(kinds(queries))
            studio.wait(minutes=11)
    # It has ten pages, and the names of a run take four questions.
    assert seen[0] == ["whole", "names", "names", "names", "names"]
    assert seen[1] == ["names"] * 4
    assert seen[2] == ["whole"] * 10
    assert seen[3] == ["changed", "of"]


def test_what_is_kept_is_made_sure_of_with_two_questions_for_hundreds_of_names(
    studio: Studio,
) -> None:
    names, whose = names_of(200, 400, 50)
    assert kinds(studio.questions(lambda: check(studio, names, whose))) == ["changed", "of"]


@pytest.mark.parametrize("touched", ["now()", "modified"])
def test_a_sku_that_moved_is_the_other_products(studio: Studio, touched: str) -> None:
    studio.change(f"UPDATE products SET sku = 'GONE', modified = {touched} WHERE id = 7")
    studio.change(f"UPDATE products SET sku = 'SKU-7', modified = {touched} WHERE id = 8")
    assert studio.whose("SKU-7_9.jpg", "SKU-8_9.jpg", "SKU-9_9.jpg") == [8, None, 9]


def test_a_variant_that_moved_is_the_other_products_though_no_product_tells_of_it(
    studio: Studio,
) -> None:
    studio.change("UPDATE variants SET product_id = 30 WHERE sku = 'RED-1'")
    assert studio.whose("RED-1_9.jpg", "RED-2_9.jpg") == [30, 2]
    assert studio.whose("RED-1_8.jpg") == [30]


def test_a_product_that_was_deleted_gets_nothing(studio: Studio) -> None:
    studio.change("DELETE FROM products WHERE id = 7")
    assert studio.whose("SKU-7_9.jpg", "SKU-8_9.jpg") == [None, 8]


def test_a_product_that_was_made_anew_gets_what_was_the_old_ones(studio: Studio) -> None:
    studio.change("DELETE FROM products WHERE id = 7")
    studio.change(
        "INSERT INTO products (id, sku, name, listed, modified) "
        "VALUES (7000, 'SKU-7', '', 1, now())"
    )
    assert studio.whose("SKU-7_9.jpg", "SKU-8_9.jpg") == [7000, 8]


def test_a_sku_that_was_renamed_is_found_by_its_new_name_alone(studio: Studio) -> None:
    studio.change("UPDATE products SET sku = 'NEW-7', modified = now() WHERE id = 7")
    assert studio.whose("SKU-7_9.jpg", "NEW-7_9.jpg") == [None, 7]


def test_a_sku_that_two_products_bear_by_now_is_no_ones(studio: Studio) -> None:
    studio.change("UPDATE products SET sku = 'SKU-7', modified = now() WHERE id = 8")
    assert studio.whose("SKU-7_9.jpg") == [None]


def test_a_longer_sku_that_came_since_wins(studio: Studio) -> None:
    studio.change(
        "INSERT INTO products (id, sku, name, listed, modified) "
        "VALUES (7000, 'SKU-7-XL', '', 1, now())"
    )
    assert studio.whose("SKU-7-XL_9.jpg", "SKU-7_8.jpg") == [7000, 7]


def test_a_longer_sku_of_a_variant_is_found_at_the_latest_when_all_is_read_again(
    studio: Studio,
) -> None:
    studio.change("INSERT INTO variants (id, product_id, sku) VALUES (9100, 30, 'SKU-7-XL')")
    studio.wait(hours=1)
    assert studio.whose("SKU-7-XL_9.jpg", "SKU-7_8.jpg") == [30, 7]


@pytest.mark.parametrize(
    "comes",
    [
        "INSERT INTO products (id, sku, name, listed, modified) VALUES (7000, 'NEW', '', 1, now())",
        "INSERT INTO variants (id, product_id, sku) VALUES (9100, 30, 'NEW')",
    ],
)
def test_what_is_not_kept_is_asked_for_before_a_photograph_waits(
    studio: Studio, comes: str
) -> None:
    with studio.run() as assigner:
        assert placed(assigner, "SKU-1_9.jpg", "NEW_1.jpg") == [1, None]
        studio.change(comes)
        assigner.forget_unknown()
        assert placed(assigner, "NEW_1.jpg", "NEW_2.jpg", "SKU-2_9.jpg") == [
            30 if "variants" in comes else 7000
        ] * 2 + [2]


def test_many_that_wait_are_asked_for_together(studio: Studio) -> None:
    names = [f"NONE-{number}_1.jpg" for number in range(100)]
    asked = kinds(studio.questions(lambda: studio.whose("SKU-1_9.jpg", *names)))
    assert asked == ["changed", "of", *["names"] * 2 * -(-2 * len(names) // 250)]


def test_in_a_process_that_goes_on_nothing_is_believed_for_longer_than_minutes(
    studio: Studio,
) -> None:
    with studio.run() as assigner:
        assert placed(assigner, "SKU-7_9.jpg") == [7]
        studio.change("UPDATE products SET sku = 'GONE', modified = now() WHERE id = 7")
        studio.change("UPDATE products SET sku = 'SKU-7', modified = now() WHERE id = 8")
        studio.wait(minutes=11)
        assert placed(assigner, "SKU-7_8.jpg", "SKU-7_9.jpg") == [8, 8]


@pytest.mark.parametrize("quirk", ["ignored", "422"])
def test_a_shop_that_does_not_filter_as_asked_is_asked_by_name(tmp_path: Path, quirk: str) -> None:
    of = ("--quirk", f"product_ranges={quirk}")
    with local_store(tmp_path, *of, catalogue=CATALOGUE + VARIANTS) as store:
        studio = Studio(tmp_path, store)
        names, whose = names_of(300, 600)
        asked = kinds(studio.questions(lambda: check(studio, names, whose)))
        # No more than one page, and that one once.
        assert asked.count("whole") <= 2
        assert asked.count("names") == 2 * -(-900 // 250)
        assert studio.whose("RED-1_1.jpg", "NONE_1.jpg") == [1, None]
