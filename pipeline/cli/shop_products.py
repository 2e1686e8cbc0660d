"""Products as the shop has them, whole with their images: those that somebody names, or all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from pipeline.errors import ConfigError
from pipeline.intake.whose_name import can_be_asked, is_product_id
from pipeline.lacking import ShopProduct
from pipeline.refusals import sku_unknown
from pipeline.upload import StoreClient

__all__ = ["all_products", "named_products", "products_bearing"]

TOGETHER: Final = 250
"""Products whose images are read, and held in memory, together."""


def named_products(
    client: StoreClient, skus: Sequence[str], ids: Sequence[int] = ()
) -> Iterator[ShopProduct]:
    """Yield the products of these SKUs, and of these ids, each once, in the order of their ids.

    Raises:
        ProductUnknown: no product has one of the SKUs.
        ConfigError: there is no product of one of the ids.
        StoreError: the shop could not be asked.
    """
    bearing = products_bearing(client, skus)
    for sku in skus:
        if not bearing.get(sku):
            raise sku_unknown(sku)
    known = (
        client.known_products([id_ for id_ in ids if is_product_id(id_)]) if ids else frozenset()
    )
    for id_ in ids:
        if id_ not in known:
            raise ConfigError(f"the shop has no product {id_}: check the number")
    wanted = sorted(known.union(*bearing.values()))
    for begin in range(0, len(wanted), TOGETHER):
        some = wanted[begin : begin + TOGETHER]
        called = client.product_names(some)
        named = {id_: (name.sku, name.name) for id_, name in called.items()}
        yield from _whole(client, {id_: named.get(id_, ("", "")) for id_ in some})


def products_bearing(client: StoreClient, skus: Sequence[str]) -> dict[str, frozenset[int]]:
    """Return, for each SKU, the products that bear it; what can be no SKU is left out.

    Raises:
        StoreError: the shop could not be asked.
    """
    askable = [sku for sku in dict.fromkeys(skus) if can_be_asked(sku)]
    bearing: dict[str, frozenset[int]] = {}
    for begin in range(0, len(askable), TOGETHER):
        bearing |= client.products_by_sku(askable[begin : begin + TOGETHER])
    return bearing


def all_products(
    client: StoreClient, progress: Callable[[int, int], None]
) -> Iterator[ShopProduct]:
    """Yield all products of the shop; `progress` is told how many are read, and of how many.

    Raises:
        StoreError: the shop could not be asked.
    """
    each = client.products.each(lambda one: (one.id, (one.sku, one.name)), progress)
    while some := dict(islice(each, TOGETHER)):
        yield from _whole(client, some)


def _whole(client: StoreClient, called: dict[int, tuple[str, str]]) -> Iterator[ShopProduct]:
    for id_, images in client.images_of_products(called).items():
        sku, name = called[id_]
        whole = images.images if images.complete else tuple(client.list_images(id_))
        yield ShopProduct(id=id_, sku=sku, name=name, images=whole)
