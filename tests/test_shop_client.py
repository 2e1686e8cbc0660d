"""A client of the store keeps to the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import StoreDenied, StoreUnreachable
from pipeline.settings import load
from pipeline.shop_client import client_for
from pipeline.store_address import StoreAddress
from tests.servers import local_store


def test_a_probe_tells_the_stores_clock_and_quota_or_why_not(tmp_path: Path) -> None:
    given = load({"home": tmp_path / "home"}, {}).settings
    with local_store(tmp_path / "store") as store:
        right = StoreAddress(base_url=store.url, token=store.token)
        probe = client_for(given, right).probe()
        assert probe.date is not None
        assert probe.left is not None
        assert probe.left.isdigit()
        with pytest.raises(StoreDenied):
            client_for(given, StoreAddress(base_url=store.url, token="wrong")).probe()
        assert client_for(given, right).has_product(158)
    with pytest.raises(StoreUnreachable):
        client_for(given, right).probe()
