"""The product that a command was given: does the shop have it? Asked before anything is done.

Loading this loads HTTP: who is given no product leaves it alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from pipeline.assembly import client_for
from pipeline.errors import ConfigError, StoreError
from pipeline.intake.whose_name import can_be_asked, is_product_id
from pipeline.refusals import product_ambiguous, sku_unknown
from pipeline.settings import Settings
from pipeline.skus import skus_in
from pipeline.store_address import StoreAddress

__all__ = ["products_meant", "refuse_unknown", "refuse_unproven"]

ASKED_SECONDS: Final = 10.0
"""So long at most a shop is asked that does not answer: whoever called waits for it."""


def refuse_unknown(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool],
    *,
    product: int | None,
    sku: str | None,
) -> None:
    """Do nothing where the shop has the product that was given, or cannot be asked.

    What cannot be asked just now is no reason to keep photographs back: whoever takes them in asks
    again, and says what is wrong with the shop.

    Args:
        settings: in force.
        address: of the shop.
        wait: waits so many seconds, and returns whether the program was asked to stop.
        product: the id that was given.
        sku: the SKU that was given.

    Raises:
        PipelineError: the shop has no such product, or several of that SKU.
    """
    with suppress(StoreError):
        _ask(settings, address, wait, product=product, sku=sku)


def refuse_unproven(
    settings: Settings, address: StoreAddress, *, product: int | None, sku: str | None
) -> None:
    """Do nothing where the shop has the product that was given, as `refuse_unknown`.

    Raises:
        PipelineError: the shop has no such product, several of that SKU, or cannot be asked.
    """
    try:
        _ask(settings, address, None, product=product, sku=sku)
    except StoreError as error:
        what = f"product {product}" if sku is None else f"a product with the SKU {sku}"
        raise ConfigError(f"the shop cannot be asked whether it has {what}: {error}") from error


def products_meant(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool],
    *,
    product: int | None,
    sku: str | None,
) -> Sequence[int]:
    """Return the ids of the products that were given, by an id or by SKUs.

    Raises:
        PipelineError: the shop has no such product, several of that SKU, or cannot be asked.
    """
    return _ask(settings, address, wait, product=product, sku=sku)


def _ask(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool] | None,
    *,
    product: int | None,
    sku: str | None,
) -> Sequence[int]:
    if product is None and sku is None:
        return ()
    settings = replace(settings, patience=min(settings.patience, ASKED_SECONDS))
    client = client_for(settings, address, wait)
    if product is not None and not (is_product_id(product) and client.has_product(product)):
        raise ConfigError(
            f"the shop has no product {product}: check the number, or add the product to the shop"
        )
    if sku is None:
        return () if product is None else (product,)
    # A SKU may have commas in it.
    parts = skus_in(sku)
    asked = list(filter(can_be_asked, (sku, *parts)))
    found = client.products_by_sku(asked) if asked else {}
    names = parts if parts and (not found.get(sku) or all(map(found.get, parts))) else (sku,)
    for name in names:
        if not found.get(name):
            raise sku_unknown(name)
        if len(found[name]) > 1:
            raise product_ambiguous(name, found[name])
    return tuple(dict.fromkeys(min(found[name]) for name in names))
