"""Between two create calls for one photograph its product is listed, whatever was answered."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph
from tests.stories.judge import judge

PHOTOGRAPHS = 5
"""Each in a product of its own: all create calls of a product are of one photograph."""

STATUSES = (
    *(302, 307, 400, 401, 403, 408, 409, 418, 422, 423, 425, 499),
    *(500, 501, 502, 503, 504, 505, 507),
)

TOLERANCE = 0.05
"""Seconds by which the store may note the end of a request later than its answer is read."""


def fault(dice: random.Random, method: str, product: int) -> dict[str, Any]:
    """Return a fault of the kind that ends a request, made or not, for one product or for many."""
    kinds: list[dict[str, Any]] = [
        # Which is believed where nothing else is: it has a share of its own.
        {"do": "answer", "status": 429, "headers": False},
        {"do": "answer", "status": dice.choice(STATUSES)},
        {"do": "drop", "when": dice.choice(("mid-body", "after-body", "after-work", "mid-answer"))},
        {"do": "garble", "how": dice.choice(("short", "not-json", "no-id", "html", "empty"))},
    ]
    what = dice.choice(kinds) if method == "POST" else {"do": "answer", "status": 503}
    if what["do"] == "answer":
        what["when"] = dice.choice(("before", "after"))
    path = f"/catalog/products/{product}/images"
    return {**what, "method": method, "path": path, "times": dice.randint(1, 2)}


def lists(entry: dict[str, Any], product: int) -> bool:
    """Whether a request shows all of a product's images, alone or among those of others."""
    if entry["method"] != "GET" or entry["status"] not in (200, 204):
        return False
    if entry["path"] == f"/catalog/products/{product}/images":
        return True
    asked = parse_qs(entry["query"])
    ids = ",".join(asked.get("id:in", [])).split(",")
    return "images" in ",".join(asked.get("include", [])) and str(product) in ids


def unlisted(seen: list[dict[str, Any]], product: int) -> list[str]:
    """Return each create call of a product that followed another without a listing since."""
    wrong = []
    path = f"/catalog/products/{product}/images"
    posts = [entry for entry in seen if entry["method"] == "POST" and entry["path"] == path]
    for first, second in itertools.pairwise(posts):
        ended = first["at"] + (first["seconds"] or 0.0) - TOLERANCE
        if not any(
            lists(entry, product) and entry["at"] >= ended and entry["at"] <= second["at"]
            for entry in seen
        ):
            wrong.append(f"product {product}: {first}, then {second}")
    return wrong


def trial(pipeline: Command, store: StoreProcess, folder: Path, seed: int) -> None:
    print(f"seed {seed}")
    dice = random.Random(seed)
    files = {
        photograph(folder / str(product) / "a.jpg", product): product
        for product in range(1, PHOTOGRAPHS + 1)
    }
    store.misbehave(
        *(fault(dice, "POST", product) for product in files.values() for _ in range(2)),
        *(fault(dice, "GET", product) for product in dice.sample(range(1, PHOTOGRAPHS + 1), 2)),
    )
    for _ in range(8):
        if pipeline("run", "--quiet", folder).status == 0:
            break
        pipeline("retry", "--failed")
    seen = store.seen()
    store.misbehave()
    wrong = [one for product in files.values() for one in unlisted(seen, product)]
    assert not wrong, "\n".join(wrong)
    verdict = judge(store, pipeline.home / "ledger.sqlite3", files)
    assert verdict.good, str(verdict)
    assert verdict.stored == PHOTOGRAPHS, str(verdict)


def hurried(tmp_path: Path, store: StoreProcess) -> Command:
    return Command(tmp_path / "home", store, settle_after=0.5, patience=20, uploads=3)


def test_a_product_is_listed_between_two_create_calls_of_one_photograph(
    store: StoreProcess, tmp_path: Path
) -> None:
    trial(hurried(tmp_path, store), store, tmp_path / "shop", 1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 160))
def test_and_so_it_is_with_many_seeds(store: StoreProcess, tmp_path: Path, seed: int) -> None:
    trial(hurried(tmp_path, store), store, tmp_path / "shop", seed)
