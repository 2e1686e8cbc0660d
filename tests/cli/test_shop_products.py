"""Products as the shop has them, whole with their images."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.shop_products import all_products, named_products
from pipeline.errors import ConfigError, ProductUnknown
from tests.servers import client_of, local_store
from tests.upload.test_bulk import shop


def test_all_come_whole_also_where_images_are_left_out(tmp_path: Path) -> None:
    counts = {id_: id_ % 5 for id_ in range(1, 301)}
    quirk = ("--quirk", "included_images=first:2")
    with local_store(tmp_path, *quirk, catalogue=shop(tmp_path, counts)) as store:
        found = list(all_products(client_of(store), lambda read, of: None))
    assert {one.id: len(one.images) for one in found} == counts
    assert all(one.sku == f"SKU-{one.id}" for one in found)
    assert found[0].name == "A product"


def test_named_ones_come_once_however_they_are_named(tmp_path: Path) -> None:
    counts = {1: 2, 2: 0, 3: 1}
    with local_store(tmp_path, catalogue=shop(tmp_path, counts)) as store:
        client = client_of(store)
        found = list(named_products(client, ["sku-3", "SKU-1", "SKU-3"], [1, 2]))
        with pytest.raises(ProductUnknown, match="SKU-9"):
            list(named_products(client, ["SKU-1", "SKU-9"]))
        with pytest.raises(ConfigError, match="no product 9"):
            list(named_products(client, [], [1, 9]))
        assert list(named_products(client, [])) == []
    assert {one.id: len(one.images) for one in found} == counts
