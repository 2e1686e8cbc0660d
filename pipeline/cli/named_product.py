"""The product that a command was given: does the shop have it? Asked before anything is done.

Loading this loads HTTP: who is given no product leaves it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from pipeline.assembly import client_for
from pipeline.errors import ConfigError, StoreError
from pipeline.intake.whose_name import can_be_asked, is_product_id
from pipeline.refusals import product_ambiguous, sku_unknown
from pipeline.settings import Settings
from pipeline.store_address import StoreAddress

__all__ = ["product_meant", "refuse_unknown", "refuse_unproven"]

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


def product_meant(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool],
    *,
    product: int | None,
    sku: str | None,
) -> int:
    """Return the id of the product that was given, by that or by its SKU.

    Raises:
        PipelineError: the shop has no such product, several of that SKU, or cannot be asked.
    """
    found = _ask(settings, address, wait, product=product, sku=sku)
    assert found is not None  # noqa: S101 - one of both is given
    return found


def _ask(
    settings: Settings,
    address: StoreAddress,
    wait: Callable[[float], bool] | None,
    *,
    product: int | None,
    sku: str | None,
) -> int | None:
    if product is None and sku is None:
        return None
    settings = replace(settings, patience=min(settings.patience, ASKED_SECONDS))
    client = client_for(settings, address, wait)
    if product is not None and not (is_product_id(product) and client.has_product(product)):
        raise ConfigError(
            f"the shop has no product {product}: check the number, or add the product to the shop"
        )
    if sku is not None:
        found = client.products_by_sku([sku]).get(sku) if can_be_asked(sku) else None
        if not found:
            raise sku_unknown(sku)
        if len(found) > 1:
            raise product_ambiguous(sku, found)
        (product,) = found
    return product
