"""`pipeline store`: the local store in the foreground."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import requests

from tests import posix
from tests.stories.commands import Command, ended, photograph


def test_the_store_in_the_foreground_is_used_by_runs_of_its_home(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    store = pipeline.start("store", "--port", "0")
    assert store.stdout is not None
    lines = [store.stdout.readline() for _ in range(7)]
    (page,) = re.findall(r"http://127\.0\.0\.1:\d+/$", lines[1].strip())
    pipeline("run", photograph(tmp_path / "158" / "a.jpg")).well()
    text = requests.get(page, timeout=10).text
    assert "Product 158" in text
    second = pipeline("store", "--port", "0")
    assert second.status == 2
    assert f"runs already: {page}" in second.err
    posix.killpg(store.pid, signal.SIGINT)
    assert ended(store, 20).status in (0, 130)


def test_the_store_takes_a_catalogue_a_token_and_a_plan(tmp_path: Path) -> None:
    catalogue = tmp_path / "products.csv"
    catalogue.write_text("id,sku,name,product_id\n158,SM-13,Bottle,\n900,SM-13-XL,Large,158\n")
    pipeline = Command(tmp_path / "home")
    options = ["--port", "0", "--catalogue", catalogue, "--plan", "pro"]
    store = pipeline.start("store", *options, environment={"LOCALSTORE_TOKEN": "rehearsal"})
    assert store.stdout is not None
    address = store.stdout.readline().split()[-1]
    shop = {"PIPELINE_STORE_URL": address, "BIGCOMMERCE_ACCESS_TOKEN": "rehearsal"}
    photograph(tmp_path / "shop" / "SM-13-XL" / "a.jpg", 1)
    photograph(tmp_path / "shop" / "unknown-1" / "b.jpg", 2)
    run = pipeline("run", "--json", tmp_path / "shop", environment=shop).well()
    assert (run.counts["stored"], run.counts["waiting"]) == (1, 1)
    (stored,) = (p for p in run.document["photographs"] if p["state"] == "stored")
    assert stored["product_id"] == 158
    posix.killpg(store.pid, signal.SIGTERM)
    end = ended(store, 20)
    assert "rehearsal" not in end.out + end.err


def test_a_wrong_option_of_the_store_is_a_wrong_call(tmp_path: Path) -> None:
    pipeline = Command(tmp_path / "home")
    assert pipeline("store", "--plan", "gold").status == 2
    quirk = pipeline("store", "--quirk", "nonsense=1", "--port", "0")
    assert quirk.status == 2
    assert "nonsense" in quirk.err
