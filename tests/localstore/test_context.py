"""Work on pictures, few at a time, whatever many requests ask for."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.localstore.context import PICTURE_WORKERS, new_store_hash
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

LARGE = picture("JPEG", (6000, 6000))
"""Decoded it takes 108 MB."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_large_pictures_at_once_are_decoded_few_at_a_time(
    open_store: StoreProcess, product: int
) -> None:
    open_store.forget_peak()
    before = open_store.memory()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: open_store.upload(product, LARGE, "a.jpg"), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    # The uploads themselves are held besides, and whatever the allocator has not given back.
    assert open_store.memory() - before < (PICTURE_WORKERS + 1) * 110 * 2**20 + 100 * 2**20


def test_a_hash_is_seen_to_be_a_local_stores() -> None:
    assert re.fullmatch(r"local-[0-9a-f]{8}", new_store_hash())
    assert new_store_hash() != new_store_hash()
