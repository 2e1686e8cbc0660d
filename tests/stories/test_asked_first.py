"""What is not in the shop is said before anything is done, and what removes something asks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import posix
from tests.localstore.process import StoreProcess
from tests.stories.commands import ROOT, Command, photograph

PRODUCTS = "id,sku,name\n158,SM-13,Mug\n159,TWO,Cup\n160,TWO,Bowl\n"


HURRIED = {"PIPELINE_PATIENCE": "2"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    """A shop with three products, two of them of one SKU."""
    (tmp_path / "products.csv").write_text(PRODUCTS)
    with StoreProcess(
        tmp_path / "closed", "--catalogue", str(tmp_path / "products.csv"), "--plan", "unlimited"
    ) as store:
        yield store


@pytest.fixture
def studio(tmp_path: Path, shop: StoreProcess) -> Command:
    return Command(tmp_path / "home", shop, settle_after=0.5, patience=30)


UNKNOWN = {
    "sku": (("--sku", "SM-31"), "the shop has no product with the SKU SM-31"),
    "product": (("--product", "999"), "the shop has no product 999"),
    "no id at all": (("--product", "99999999999"), "the shop has no product 99999999999"),
    "two products": (("--sku", "TWO"), "TWO may be any of the products 159, 160"),
}


@pytest.mark.parametrize("which", UNKNOWN)
@pytest.mark.parametrize("words", [("run",), ("run", "--dry-run"), ("ledger", "rebuild")])
def test_a_product_that_the_shop_has_not_ends_a_command_before_anything_is_recorded(
    studio: Command, shop: StoreProcess, tmp_path: Path, words: tuple[str, ...], which: str
) -> None:
    given, said = UNKNOWN[which]
    ended = studio(*words, *given, photograph(tmp_path / "a.jpg"))
    assert ended.status == 2
    assert said in ended.err
    assert not (studio.home / "ledger.sqlite3").exists()
    assert {request["method"] for request in shop.seen()} <= {"GET"}


def test_a_sku_that_the_shop_has_is_taken_in_capitals_or_not(
    studio: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    studio("run", "--sku", "sm-13", photograph(tmp_path / "a.jpg")).well()
    assert len(shop.images(158)) == 1


def test_a_shop_that_cannot_be_asked_keeps_no_photograph_back(
    studio: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "a.jpg")
    shop.misbehave({"do": "answer", "status": 503})
    assert studio("run", "--sku", "SM-31", path, environment=HURRIED).status == 1
    shop.misbehave()
    assert [one["state"] for one in studio("list", "--json").document] != []


def test_the_shot_of_a_hook_is_noted_down_whatever_its_product_and_then_waits(
    studio: Command, tmp_path: Path
) -> None:
    ended = studio("hook", "--wait", "--sku", "SM-31", photograph(tmp_path / "a.jpg"))
    assert "no product with the SKU SM-31" in ended.err
    (one,) = studio("list", "--json").document
    assert one["state"] == "waiting"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("SM-31",), "the shop has no product with the SKU SM-31"),
        (("--product", "999"), "the shop has no product 999"),
        (("TWO",), "TWO may be any of the products 159, 160"),
    ],
)
def test_the_table_takes_no_product_that_the_shop_has_not_but_by_force(
    studio: Command, words: tuple[str, ...], said: str
) -> None:
    studio("table", "SM-13").well()
    wrong = studio("table", *words)
    assert wrong.status == 2
    assert said in wrong.err
    assert "--force" in wrong.err
    assert studio("table").out == "On the table: SM-13\n"
    assert words[-1] in studio("table", "--force", *words).well().out
    assert words[-1] in studio("table").out


def test_the_table_says_that_the_shop_cannot_be_asked(studio: Command, shop: StoreProcess) -> None:
    shop.misbehave({"do": "answer", "status": 503})
    wrong = studio("table", "SM-13", environment=HURRIED)
    assert wrong.status == 2
    assert "the shop cannot be asked whether it has a product with the SKU SM-13" in wrong.err
    assert studio("table").out == "Nothing is on the table.\n"
    studio("table", "--force", "SM-13").well()
    studio("table", "--clear").well()


def test_an_image_is_not_deleted_before_it_is_said_which_it_is(
    studio: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    path = photograph(tmp_path / "158" / "a.jpg")
    studio("run", path).well()
    (image,) = shop.images(158)
    unasked = studio("images", "delete", 158, image["id"])
    assert unasked.status == 2
    assert f"Delete image {image['id']} of product 158 from the shop?" in unasked.err
    assert "--yes" in unasked.err
    assert image["image_file"] in unasked.out
    assert f"It is your photograph {path}" in unasked.out
    assert shop.images(158) == [image]
    stranger = (
        studio("images", "create", 158, photograph(tmp_path / "b.jpg", 2), "--json").well().document
    )
    told = studio("images", "delete", "--yes", 158, stranger["id"]).well()
    assert "It was not uploaded by this program" in told.out
    assert shop.images(158) == [image]
    assert studio("images", "delete", "--yes", 158, 77).status == 1


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_on_a_terminal_the_answer_decides(
    studio: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    studio("run", photograph(tmp_path / "158" / "a.jpg")).well()
    (image,) = shop.images(158)
    status, shown = answered(studio, "n\n", "images", "delete", 158, image["id"])
    assert status == 1
    assert "nothing was changed" in shown
    assert shop.images(158) == [image]
    status, shown = answered(studio, "y\n", "images", "delete", 158, image["id"])
    assert status == 0, shown
    assert shop.images(158) == []


def test_a_repair_without_an_answer_puts_back_what_is_missing_and_removes_nothing(
    studio: Command, shop: StoreProcess, tmp_path: Path
) -> None:
    missing, twice = there_twice(studio, shop, tmp_path)
    told = studio("verify", "--repair")
    assert told.status == 1
    assert f"one too many: image {twice}" in told.out
    assert "1 image not removed: give --yes" in told.err
    assert "removing" not in told.out
    assert {image["id"] for image in shop.images(158)} >= {twice}
    assert missing not in {image["id"] for image in shop.images(158)}
    assert len(shop.images(158)) == 3
    as_json = studio("verify", "--repair", "--json")
    assert [one["kind"] for one in as_json.document] == ["twice"]
    assert f"one too many: image {twice}" in as_json.err
    studio("verify", "--repair", "--yes").well()
    assert twice not in {image["id"] for image in shop.images(158)}
    assert "0 differences" in studio("verify").well().out


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_a_repair_asks_on_a_terminal(studio: Command, shop: StoreProcess, tmp_path: Path) -> None:
    _, twice = there_twice(studio, shop, tmp_path)
    status, shown = answered(studio, "n\n", "verify", "--repair")
    assert status == 1
    assert "Remove 1 image from the shop?" in shown
    assert len(shop.images(158)) == 3
    status, shown = answered(studio, "y\n", "verify", "--repair")
    assert status == 0, shown
    assert twice not in {image["id"] for image in shop.images(158)}


def there_twice(studio: Command, shop: StoreProcess, folder: Path) -> tuple[int, int]:
    """Return the id of an image that is missing, and of one that is one too many."""
    for number in range(2):
        photograph(folder / "158" / f"{number}.jpg", number)
    studio("run", folder / "158").well()
    first, second = studio("list", "--json").document
    shop.call("DELETE", f"/catalog/products/158/images/{second['image_id']}")
    shop.upload(158, shop.original(first["image_id"]), first["upload_name"])
    return second["image_id"], max(image["id"] for image in shop.images(158))


def answered(pipeline: Command, answer: str, *words: object) -> tuple[int, str]:
    """Run a command on a pseudo-terminal and type an answer; return its status and what it said."""
    ours, theirs = posix.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *map(str, words)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=pipeline.environment,
        cwd=ROOT,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    pieces = []
    # Where the last process has left a terminal, Linux says so by an error.
    with suppress(OSError):
        while piece := os.read(ours, 65_536):
            pieces.append(piece)
    os.close(ours)
    return process.wait(60), b"".join(pieces).decode()
