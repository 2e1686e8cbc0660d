"""A store that refuses a whole folder alike: twenty fail, the rest is left, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command, photograph, until
from tests.stories.watching import Watching, counts

ENOUGH = 20

CREATE = {"method": "POST", "path": "/catalog/products/*/images"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(ENOUGH + 6):
        photograph(tmp_path / "shop" / str(158 + number % 3) / f"{number}.jpg", number, (40, 30))
    return tmp_path / "shop"


def images(store: StoreProcess) -> int:
    return sum(len(store.images(product)) for product in (158, 159, 160))


@pytest.mark.parametrize(
    "status",
    [422, pytest.param(400, marks=pytest.mark.long), pytest.param(413, marks=pytest.mark.long)],
)
def test_a_run_ends_after_twenty_and_leaves_the_rest(
    pipeline: Command, store: StoreProcess, folder: Path, status: int
) -> None:
    store.misbehave({"do": "answer", "status": status, **CREATE})
    run = pipeline("run", "--json", folder)
    assert run.status == 2
    assert (run.counts["failed"], run.counts["not_sent"]) == (ENOUGH, 6)
    assert f"the shop said {status}" in run.document["error"]
    assert "6 not sent" in run.err
    assert ENOUGH <= run.document["posts"] <= ENOUGH + 4
    store.misbehave()
    pipeline("retry", "--failed").well()
    assert pipeline("run", "--json", folder).well().counts["stored"] == ENOUGH + 6
    assert images(store) == ENOUGH + 6


def test_a_product_of_which_all_is_refused_holds_up_no_other(
    pipeline: Command, store: StoreProcess, tmp_path: Path
) -> None:
    for number in range(ENOUGH + 2):
        photograph(tmp_path / "shop" / "158" / f"{number}.jpg", number, (40, 30))
    for product in (159, 160):
        for number in range(2):
            path = tmp_path / "shop" / str(product) / f"{number}.jpg"
            photograph(path, 1000 * product + number, (40, 30))
    refused = {"do": "answer", "status": 422, **CREATE, "path": "/catalog/products/158/images"}
    slow = {"do": "delay", "when": "before", "seconds": 2.5, **CREATE}
    store.misbehave(refused, slow)
    run = pipeline("run", "--json", tmp_path / "shop")
    assert images(store) == run.counts["stored"] == 4


def test_a_success_in_between_goes_on(pipeline: Command, store: StoreProcess, folder: Path) -> None:
    store.misbehave({"do": "answer", "status": 422, **CREATE, "times": ENOUGH - 1})
    run = pipeline("run", "--json", folder)
    assert run.status == 1
    assert (run.counts["failed"], run.counts["stored"]) == (ENOUGH - 1, 7)


def mended(store: StoreProcess, pipeline: Command) -> None:
    store.misbehave()


def retried(store: StoreProcess, pipeline: Command) -> None:
    store.misbehave()
    pipeline("retry", "--failed").well()


@pytest.mark.long
@pytest.mark.parametrize(("mend", "stored"), [(retried, ENOUGH + 6), (mended, 6)])
def test_a_watcher_pauses_says_so_and_goes_on_when_somebody_mends_it(
    pipeline: Command,
    store: StoreProcess,
    folder: Path,
    mend: Callable[[StoreProcess, Command], None],
    stored: int,
) -> None:
    store.misbehave({"do": "answer", "status": 422, **CREATE})
    watching = Watching(pipeline, folder)

    def held_up() -> str | None:
        watcher = pipeline("status", "--json").well().document["watcher"]
        return None if watcher is None else watcher["held_up"]

    with watching.running():
        until(lambda: held_up() is not None)
        assert "the shop said 422" in str(held_up())
        assert "uploads are paused" in pipeline("status").well().out
        now = counts(pipeline)
        assert (now["failed"], now["stored"]) == (ENOUGH, 0)
        mend(store, pipeline)
        until(lambda: counts(pipeline)["stored"] == stored, 120)
        until(lambda: held_up() is None)
    assert images(store) == stored


def test_an_address_where_no_shop_answers_fails_no_photograph(
    pipeline: Command, store: StoreProcess, folder: Path
) -> None:
    store.misbehave({"do": "answer", "status": 404, "path": "/catalog/*"})
    run = pipeline("run", "--json", folder)
    assert run.status == 2
    # It may end before all files are found.
    assert run.counts["failed"] == 0
    assert run.counts["not_sent"] == run.counts["found"] > 0
    assert "check the shop's hash or address" in run.document["error"]
    store.misbehave()
    assert pipeline("run", "--json", folder).well().counts["stored"] == ENOUGH + 6
