"""The product that a command was given: `pipeline.cli.named_product`, against a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.named_product import refuse_unknown, refuse_unproven
from pipeline.errors import ConfigError, PipelineError
from pipeline.settings import load
from pipeline.store_address import StoreAddress
from tests.localstore.process import StoreProcess

PRODUCTS = "id,sku,name\n158,SM-13,Mug\n159,TWIN,One\n160,TWIN,Another\n"

SETTINGS = replace(load({}, {}).settings, patience=1.0)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[StoreAddress]:
    products = tmp_path / "products.csv"
    products.write_text(PRODUCTS)
    with StoreProcess(tmp_path / "store", "--catalogue", str(products)) as store:
        yield StoreAddress(base_url=store.url, token=store.token)


@pytest.fixture
def gone() -> StoreAddress:
    """Where nothing answers."""
    return StoreAddress(base_url="http://127.0.0.1:9/stores/none/v3", token="none")


def unstopped(seconds: float) -> bool:
    return False


@pytest.mark.parametrize(
    ("product", "sku", "said"),
    [
        (999, None, "no product 999"),
        (10**30, None, "no product"),
        (None, "SM-31", "SM-31"),
        (None, "TWIN", "TWIN"),
        (None, "a,b" * 400, "SKU"),
    ],
)
def test_what_the_shop_does_not_have_is_refused(
    address: StoreAddress, product: int | None, sku: str | None, said: str
) -> None:
    with pytest.raises(PipelineError, match=said):
        refuse_unknown(SETTINGS, address, unstopped, product=product, sku=sku)
    with pytest.raises(PipelineError, match=said):
        refuse_unproven(SETTINGS, address, product=product, sku=sku)


@pytest.mark.parametrize(("product", "sku"), [(158, None), (None, "SM-13"), (None, None)])
def test_what_it_has_and_what_was_not_given_pass(
    address: StoreAddress, product: int | None, sku: str | None
) -> None:
    refuse_unknown(SETTINGS, address, unstopped, product=product, sku=sku)
    refuse_unproven(SETTINGS, address, product=product, sku=sku)


def test_a_shop_that_cannot_be_asked_keeps_no_photographs_back_and_sets_no_table(
    gone: StoreAddress,
) -> None:
    refuse_unknown(SETTINGS, gone, unstopped, product=158, sku=None)
    with pytest.raises(ConfigError, match="cannot be asked whether it has product 158"):
        refuse_unproven(SETTINGS, gone, product=158, sku=None)
