"""What the store takes at most, by profile."""

from __future__ import annotations

from tests.localstore.conftest import Start
from tests.localstore.pictures import padded
from tests.localstore.process import StoreProcess
from tests.localstore.wire import MEGABYTE


def test_the_reference_takes_a_megabyte_and_not_a_byte_more(
    store: StoreProcess, product: int
) -> None:
    assert store.upload(product, padded(MEGABYTE), "a.jpg").status_code == 200
    answer = store.upload(product, padded(MEGABYTE + 1), "a.jpg")
    assert answer.status_code == 413
    assert "image_file" in answer.json()["errors"]
    assert len(store.images(product)) == 1


def test_the_current_profile_takes_eight(start: Start) -> None:
    store = start("--open", "--profile", "current")
    assert store.upload(1, padded(8 * MEGABYTE), "a.jpg").status_code == 200
    assert store.upload(1, padded(8 * MEGABYTE + 1), "a.jpg").status_code == 413
