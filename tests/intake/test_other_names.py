"""Names that are no SKU: what they stand for, and how often the shop is asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pipeline.errors import ProductUnknown
from pipeline.intake.assign import Assigner
from pipeline.intake.kept_catalogue import KeptCatalogue, SkuQuestions
from pipeline.ledger.sqlite import open_ledger
from tests.intake.test_kept_catalogue import Studio, placed, shot
from tests.localstore.process import StoreProcess
from tests.servers import client_of, local_store

PRODUCTS = 300
CATALOGUE = "id,sku,name,product_id,mpn\n" + "".join(
    f"{number},SKU-{number},Mug,,NW-{number}\n" for number in range(1, PRODUCTS + 1)
)
VARIANTS = "9000,RED-1,Red,1,VAR-1\n9001,RED-2,Red,2,NW-3\n9002,RED-4,Red,4,NW-4\n"
WHOSE = {"VAR-1_1.jpg": 1, "NW-5_1.jpg": 5, "nw-6_2.jpg": 6, "NW-4-front.jpg": 4}


@pytest.fixture(params=["works", "ignored", "422"])
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[StoreProcess]:
    of = ("--quirk", f"code_filters={request.param}")
    with local_store(tmp_path / "shop", *of, catalogue=CATALOGUE + VARIANTS) as store:
        yield store


@contextmanager
def keeping(studio: Studio, folder: Path) -> Iterator[Assigner]:
    """What a process knows that keeps the catalogue."""
    client = client_of(studio.store)
    asked = SkuQuestions(
        above=client.skus.above,
        changed=client.skus.changed,
        of=client.skus.of,
        clock_ahead=lambda: client.clock_ahead,
    )
    with closing(open_ledger(folder / "ledger.sqlite3", "a/v3", "run", studio.now)) as ledger:
        yield Assigner(
            client.products_by_sku,
            client.known_products,
            kept=KeptCatalogue(ledger, asked, studio.now, lambda: studio.now().timestamp()),
            by_mpn=client.products_by_mpn,
            monotonic=lambda: studio.now().timestamp(),
        )


def test_where_the_catalogue_is_kept_no_question_is_asked_for_mpns(
    tmp_path: Path, shop: StoreProcess
) -> None:
    studio = Studio(tmp_path, shop)
    with keeping(studio, tmp_path) as assigner:
        assert placed(assigner, "SKU-7_1.jpg", *WHOSE) == [7, *WHOSE.values()]
    with keeping(studio, tmp_path) as assigner:
        asked = studio.questions(lambda: placed(assigner, "SKU-7_2.jpg", *WHOSE))
        assert not [query for query in asked if "mpn%3Ain" in query]
        assert placed(assigner, "NW-3_1.jpg") == [None]
        with pytest.raises(ProductUnknown, match="NW-3 is the MPN of the products 2, 3"):
            assigner.place(shot("NW-3_1.jpg"))


def test_what_is_kept_is_believed_no_longer_than_skus_are(
    tmp_path: Path, shop: StoreProcess
) -> None:
    studio = Studio(tmp_path, shop)
    studio.change("UPDATE products SET modified = now() - 86400")
    with keeping(studio, tmp_path) as assigner:
        assert placed(assigner, "NW-5_1.jpg") == [5]
        studio.change("UPDATE products SET mpn = '', modified = now() WHERE id = 5")
        studio.change("UPDATE products SET mpn = 'NW-5', modified = now() WHERE id = 6")
        studio.wait(minutes=11)
        assert placed(assigner, "NW-5_2.jpg", "NW-6_1.jpg") == [6, None]


def test_where_nothing_is_kept_many_are_asked_for_with_two_questions(
    tmp_path: Path, shop: StoreProcess
) -> None:
    client = client_of(shop)
    assigner = Assigner(
        client.products_by_sku, client.known_products, by_mpn=client.products_by_mpn
    )
    studio, names = Studio(tmp_path, shop), [f"NW-{number}_1.jpg" for number in range(5, 105)]
    asked = studio.questions(lambda: placed(assigner, "SKU-7_1.jpg", *names))
    questions = len([query for query in asked if "mpn%3Ain" in query])
    # One that is refused is asked in smaller pieces first: it may just be too long.
    assert questions in (2, 8)
    more = studio.questions(lambda: placed(assigner, "NW-200_1.jpg"))
    assert not [query for query in more if "mpn%3Ain" in query] or questions == 2


def test_where_all_names_are_skus_nobody_asks_for_mpns(tmp_path: Path, shop: StoreProcess) -> None:
    def never(mpns: object) -> dict[str, frozenset[int]]:
        raise AssertionError(mpns)

    client = client_of(shop)
    assigner = Assigner(client.products_by_sku, client.known_products, by_mpn=never)
    names = ("SKU-7_1.jpg", "RED-1-front.jpg", "NW-9/SKU-8.jpg", "id-9_1.jpg")
    assert placed(assigner, *names) == [7, 1, 8, 9]
