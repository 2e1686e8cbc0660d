"""With `hold = "complete"` a product goes up once every view of the shot list is here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.servers import local_store
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching, counts

CATALOGUE = "13,SM-13,Mug,\n20,SM-20,Cup,\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[StoreProcess]:
    with local_store(tmp_path / "shop", catalogue=CATALOGUE) as store:
        yield store


@pytest.fixture
def pipeline(tmp_path: Path, shop: StoreProcess) -> Command:
    shots = tmp_path / "list.csv"
    shots.write_text('sku,views\nSM-13,"front,back"\n')
    return Command(tmp_path / "home", shop, plain_ids=False, hold="complete", shot_list=shots)


def test_a_product_goes_up_with_its_last_view_and_another_one_at_once(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    folder = tmp_path / "in"
    photograph(folder / "SM-13_front.jpg", 1)
    photograph(folder / "SM-20_front.jpg", 2)
    first = pipeline("run", folder)
    assert first.status == 1
    assert "held: SM-13 lacks back; it goes up with the last view" in " ".join(first.out.split())
    assert "Held until their products are complete: 1 not finished." in first.out
    assert [len(shop.images(product)) for product in (13, 20)] == [0, 1]
    listed = pipeline("list", "--reason", "held", "--json").well().document
    assert [(one["state"], one["reason"]) for one in listed] == [("prepared", "held")]
    for asked in ([folder / "SM-13_front.jpg"], [folder], ["--reason", "held"]):
        told = " ".join(pipeline("retry", *asked).well().out.split())
        assert "SM-13_front.jpg is held: SM-13 lacks back; it goes up" in told
        assert "`pipeline resume --hold never`: at once" in told
        assert "to try again" not in told
    assert pipeline("resume").out == "Nothing was left unfinished.\n", "it lacks what it lacked"
    last = photograph(tmp_path / "later" / "SM-13_back.jpg", 3)
    pipeline("run", last).well()
    shown = sorted(shop.images(13), key=lambda image: image["sort_order"])
    assert [Path(image["image_file"]).name[:11] for image in shown] == [
        "sm-13-front",
        "sm-13-back-",
    ]


def test_what_is_held_goes_up_when_it_is_said_to(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    assert pipeline("run", photograph(tmp_path / "SM-13_front.jpg", 1)).status == 1
    pipeline("resume", "--hold", "never").well()
    assert len(shop.images(13)) == 1


def test_a_watcher_holds_a_product_until_its_last_view_comes(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pipeline.environment |= {"PIPELINE_QUIET_AFTER": "0.3", "PIPELINE_RESCAN_EVERY": "1"}
    with Watching(pipeline, folder).running():
        photograph(folder / "SM-13_back.jpg", 1)
        until(lambda: counts(pipeline)["prepared"] == 1)
        until(lambda: bool(pipeline("list", "--reason", "held", "--json").document))
        assert shop.images(13) == []
        photograph(folder / "SM-13_front.jpg", 2)
        until(lambda: len(shop.images(13)) == 2)


def test_a_watcher_heeds_a_list_that_was_changed_and_a_map_that_came(
    tmp_path: Path, shop: StoreProcess, pipeline: Command
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    pipeline.environment |= {
        "PIPELINE_QUIET_AFTER": "0.3",
        "PIPELINE_RESCAN_EVERY": "1",
        "PIPELINE_MAPS": "*.csv",
        # Nothing is asked again because time has passed.
        "PIPELINE_ASK_AGAIN_EVERY": "3600",
    }
    with Watching(pipeline, folder).running():
        photograph(folder / "SM-13_front.jpg", 1)
        photograph(folder / "DSC_0001.jpg", 2)
        until(lambda: counts(pipeline)["waiting"] == counts(pipeline)["prepared"] == 1)
        (tmp_path / "list.csv").write_text("sku,views\nSM-13,front\n")
        until(lambda: len(shop.images(13)) == 1)
        (folder / "whose.csv").write_text("file,sku\nDSC_0001.jpg,SM-20\n")
        until(lambda: len(shop.images(20)) == 1)


def test_to_hold_without_a_list_is_refused_with_what_would_mend_it(
    tmp_path: Path, pipeline: Command
) -> None:
    del pipeline.environment["PIPELINE_SHOT_LIST"]
    end = pipeline("run", photograph(tmp_path / "SM-13_front.jpg", 1))
    assert end.status == 2
    assert 'hold = "complete" needs a shot list: set shot_list' in end.err


def test_a_row_of_a_category_holds_its_products_and_says_what_they_lack(tmp_path: Path) -> None:
    catalogue = (
        "id,sku,name,product_id,categories\n"
        "13,SM-13,Mug,,Mugs\n20,SM-20,Cup,,Mugs;Cups\n30,SM-30,Plate,,Plates\n"
    )
    shots = tmp_path / "list.csv"
    shots.write_text('sku,category,views\n,mugs,"front,back"\nSM-20,,front\n,Bowls,front\n')
    folder = tmp_path / "in"
    for number, name in enumerate(("SM-13_front", "SM-20_front", "SM-30_front")):
        photograph(folder / f"{name}.jpg", number)
    with local_store(tmp_path / "shop", catalogue=catalogue) as shop:
        pipeline = Command(
            tmp_path / "home", shop, plain_ids=False, hold="complete", shot_list=shots
        )
        before = " ".join(pipeline("status").well().out.split())
        assert "products are in the categories mugs, Bowls, the next `pipeline run` asks" in before
        left = pipeline("status", "--json").well().document["shot_list"]
        assert left["categories_not_read"] == ["mugs", "Bowls"]
        ended = pipeline("run", folder)
        assert "held: SM-13 lacks back" in " ".join(ended.out.split())
        assert "the shop has no category Bowls" in " ".join((ended.out + ended.err).split())
        assert [len(shop.images(product)) for product in (13, 20, 30)] == [0, 1, 1]
        left = pipeline("status", "--json").well().document["shot_list"]
        assert left["missing"] == [{"sku": "SM-13", "views": ["back"]}]
        assert left["categories_not_read"] == []
        pipeline("table", "SM-13").well()
        assert "Views: front done, back next." in pipeline("table").well().out
        missing = pipeline("missing", "--list", shots, "--json")
        lacking = {one["sku"]: one["views"] for one in missing.document}
        assert lacking["SM-13"] == ["front", "back"]
        assert "SM-30" not in lacking
        assert "the shop has no category Bowls" in missing.err
        pipeline("hook", "--wait", photograph(tmp_path / "shot.jpg", 7)).well()
        shown = sorted(shop.images(13), key=lambda image: image["sort_order"])
        assert Path(shown[0]["image_file"]).name.startswith("sm-13-front")
