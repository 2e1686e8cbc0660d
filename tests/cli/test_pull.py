"""The shop's pictures copied into a folder: the real command, and the local store as the shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph

CATALOGUE = "1,MUG/1,Blue mug,\n2,MUG-2,Red mug,\n3,MUG-3,Green mug,\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, store: StoreProcess) -> Command:
    """A shop with two pictures of one product, and one of another."""
    pipeline = Command(tmp_path / "home", store)
    for number, name in enumerate(("1_front.jpg", "2_back.jpg")):
        pipeline("run", "--product", "1", photograph(tmp_path / "in" / name, number)).well()
    pipeline("run", photograph(tmp_path / "in" / "MUG-2_1.jpg", 9)).well()
    return pipeline


def test_all_pictures_are_copied_in_order_and_once(pipeline: Command, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    first = pipeline("images", "pull", "--all", "--to", copy).well()
    assert "3 pictures copied, 0 there already, of 2 products" in first.out
    assert sorted(path.name for path in copy.iterdir()) == ["MUG%2F1", "MUG-2"]
    front, back = sorted((copy / "MUG%2F1").glob("*.jpg"))
    assert front.name.startswith("01_1-front")
    assert back.name.startswith("02_2-back")
    with Image.open(front) as picture:
        picture.load()
    again = pipeline("images", "pull", "--all", "--to", copy).well()
    assert "0 pictures copied, 3 there already" in again.out


def test_a_product_is_named_by_its_id_or_its_sku(pipeline: Command, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    words = ("--product", "1", "--product", "mug-2", "--to", copy)
    rows = pipeline("images", "pull", *words, "--json").document
    assert [(row["product_id"], row["sku"], row["fetched"]) for row in rows] == [
        (1, "MUG/1", True),
        (1, "MUG/1", True),
        (2, "MUG-2", True),
    ]
    assert all(Path(row["path"]).is_file() for row in rows)
    assert rows[0]["main"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "copy"), "give --product or --all"),
        (("--all", "--product", "1", "--to", "copy"), "give --product or --all"),
        (("--all",), "--to"),
        (("--product", "99", "--to", "copy"), "the shop has no product 99"),
        (("--product", "MUG-9", "--to", "copy"), "no product with the SKU MUG-9"),
    ],
)
def test_what_is_meant_must_be_said(
    pipeline: Command, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    end = pipeline("images", "pull", *words)
    assert end.status == 2
    assert said in end.err
