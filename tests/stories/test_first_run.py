"""A newcomer's first hour: the samples, again, those that must be refused, and a look around."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.localstore import running_store
from tests.stories.commands import ROOT, Command, ended, photograph, until

SAMPLES = ROOT / "sample_images" / "shop"
REFUSED = ROOT / "sample_images" / "refused"
MOST_BYTES = 1_000_000


def test_the_samples_are_stored_once_in_their_products_and_never_again(
    alone: Callable[..., Command],
) -> None:
    pipeline = alone()
    samples = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
    first = pipeline("run", "--json", SAMPLES).well()
    assert first.counts == {
        "found": len(samples),
        "stored": len(samples),
        "already_stored": 0,
        "waiting": 0,
        "refused": 0,
        "failed": 0,
        "not_for_upload": 0,
        "removed": 0,
        "not_sent": 0,
        "not_finished": 0,
    }
    assert first.document["posts"] == len(samples)
    _goes_where_its_place_says(first.document["photographs"])
    assert first.err.startswith("Test shop on this machine, http://")
    assert "`pipeline login` puts in your shop" in first.err
    kept = list((pipeline.home / "local-store").rglob("*.original"))
    assert len(kept) == len(samples)
    assert max(path.stat().st_size for path in kept) <= MOST_BYTES
    stories = {name: _history(pipeline, name) for name in ("HLD_0613.JPG", "id-214_1.JPG")}

    second = pipeline("run", "--json", SAMPLES).well()
    assert second.counts["already_stored"] == len(samples)
    assert second.document["posts"] == 0
    images = [[p["image_id"] for p in run.document["photographs"]] for run in (first, second)]
    assert images[0] == images[1]
    assert {name: _history(pipeline, name) for name in stories} == stories
    assert "Everything was in the shop already: nothing was sent" in pipeline("run", SAMPLES).out


def test_every_refused_sample_is_explained_and_the_exit_status_tells(
    alone: Callable[..., Command],
) -> None:
    run = alone()("run", REFUSED)
    assert run.status == 1
    for path in REFUSED.iterdir():
        assert re.search(rf"^refused .*{re.escape(path.name)}: .{{20,}}$", run.out, re.MULTILINE)
    document = alone()("run", "--json", REFUSED)
    assert document.status == 1
    reasons = {Path(p["path"]).name: p["reason"] for p in document.document["photographs"]}
    assert reasons == {
        "a-text-called.png": "not_an_image",
        "a-tiff-called.jpg": "format_not_taken",
        "a-web-page-called.gif": "not_an_image",
        "cut-off.jpg": "truncated",
        "empty.jpg": "empty",
        "half-copied.bmp": "truncated",
    }


def test_the_local_store_keeps_its_pictures_between_runs_on_other_ports(
    alone: Callable[..., Command], tmp_path: Path
) -> None:
    pipeline = alone()
    photograph(tmp_path / "shop" / "product-158" / "a.jpg", 1)
    pipeline("run", tmp_path / "shop").well()
    photograph(tmp_path / "shop" / "product-158" / "b.jpg", 2)
    pipeline("run", tmp_path / "shop").well()
    listed = pipeline("images", "list", "158", "--json").well().document
    assert [image["id"] for image in listed] == [1, 2]
    data = pipeline.home / "local-store"
    until(lambda: running_store(data) is None, 20)


def test_two_runs_share_one_local_store(alone: Callable[..., Command], tmp_path: Path) -> None:
    pipeline = alone()
    for number in range(12):
        photograph(tmp_path / "shop" / "product-158" / f"{number}.jpg", number)
    running = [pipeline.start("run", "--json", tmp_path / "shop") for _ in range(2)]
    runs = [ended(process).well() for process in running]
    assert sum(run.document["posts"] for run in runs) == 12
    for run in runs:
        assert run.counts["found"] == run.counts["stored"] + run.counts["already_stored"] == 12
    assert len(pipeline("images", "list", "158", "--json").well().document) == 12


def _goes_where_its_place_says(photographs: list[dict[str, Any]]) -> None:
    rules = {Path(p["path"]).name: p["rule"] for p in photographs}
    assert rules["HLD_0613.JPG"] == "its folder is named SM-13"
    assert rules["mug.wbmp"] == "its folder is named product-158"
    assert rules["id-214_1.JPG"] == "its file name begins with id-214"
    assert rules["BOWL-24-front.jpg"] == "its file name begins with BOWL-24"
    products = {Path(p["path"]).name: p["product_id"] for p in photographs}
    assert products["SM-13 (2).jpg"] == products["HLD_0613.JPG"]


def _history(pipeline: Command, name: str) -> object:
    (path,) = SAMPLES.rglob(name)
    return json.loads(pipeline("history", "--json", path).well().out)[0]["history"]
