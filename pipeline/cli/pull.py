"""`pipeline images pull`: a copy of the shop's pictures on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from pipeline.assembly import client_for
from pipeline.cli.display import reading_shown
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    id_given,
    json_array,
    loaded,
    print_json_array,
    say_aside,
    shop_options,
)
from pipeline.cli.shop_products import all_products, named_products
from pipeline.cli.terminal import say, say_shop
from pipeline.errors import ConfigError
from pipeline.lacking import ShopProduct
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.shop_copy import Copied, copy_product, folder_name
from pipeline.upload import StoreClient
from pipeline.wording import encodable, shown

__all__ = ["pull"]


@click.command()
@click.option(
    "--product", "products", multiple=True, metavar="PRODUCT", help="Its id or SKU; repeatable."
)
@click.option("--all", "every", is_flag=True, help="All products of the shop.")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the copy; it is made where it is not there.",
)
@json_array
@shop_options
@common_options
def pull(products: Sequence[str], every: bool, folder: Path, as_json: bool, **flags: object) -> int:
    """Copy the shop's pictures into a folder, with their order and their words.

    Each product has a folder, named by its SKU, with its pictures in the shop's order, as large as
    the shop shows them, and a table of what the shop says of them (images.csv). What is there and
    has not changed in the shop is not fetched again; what the shop has no longer is kept in a
    hidden folder. Nothing is changed in the shop.
    """
    if bool(products) == every:
        raise click.UsageError("give --product or --all")
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, say_aside))
        store = stack.enter_context(store_in_force(settings, say=say_aside))
        client = client_for(settings, store.address, clock.wait)
        progress = stack.enter_context(reading_shown(quiet=as_json))
        chosen = (
            all_products(client, progress)
            if every
            else named_products(client, *_skus_and_ids(products))
        )
        pulled = _Pulled(chosen, folder.absolute(), client, clock)
        shop = store_document(store.address)
        if as_json:
            documents = (_document(product, one) for product, one in pulled)
            print_json_array(Document.PULL, ({**one, "store": shop} for one in documents))
        else:
            for product, one in pulled:
                if one.path is None:
                    name = folder_name(product)
                    say(f"{name}: image {one.image.id} is not copied: {one.why_not}", err=True)
    if not as_json:
        say_shop(store)
        say(pulled.sum(folder))
    if clock.stopping():
        return EXIT_INTERRUPTED
    return EXIT_TROUBLE if pulled.failed else EXIT_OK


def _skus_and_ids(products: Sequence[str]) -> tuple[list[str], list[int]]:
    ids = {text: id_given(text) for text in products}
    skus = [text.removeprefix("sku:") for text, id_ in ids.items() if id_ is None]
    return skus, [id_ for id_ in ids.values() if id_ is not None]


class _Pulled:
    """The images as they are copied, product by product; counts them."""

    def __init__(
        self, products: Iterator[ShopProduct], folder: Path, client: StoreClient, clock: SystemClock
    ) -> None:
        self._products, self._folder = products, folder
        self._client, self._clock = client, clock
        self.products = self.fetched = self.known = self.failed = 0

    def __iter__(self) -> Iterator[tuple[ShopProduct, Copied]]:
        for product in self._products:
            if self._clock.stopping():
                return
            self.products += bool(product.images)
            try:
                for one in copy_product(product, self._folder, self._client.rendition):
                    self.failed += one.path is None
                    self.fetched += one.fetched
                    self.known += one.path is not None and not one.fetched
                    yield product, one
            except OSError as error:
                raise ConfigError(
                    f"{shown(self._folder)} cannot be written: {error.strerror}"
                ) from error

    def sum(self, folder: Path) -> str:
        """Return what it comes to, in a sentence."""
        of = "1 product" if self.products == 1 else f"{self.products:,} products"
        pictures = "1 picture" if self.fetched == 1 else f"{self.fetched:,} pictures"
        parts = [f"{pictures} copied", f"{self.known:,} there already"]
        if self.failed:
            parts.append(f"{self.failed:,} not copied")
        return f"{', '.join(parts)}, of {of}, in {shown(folder)}"


def _document(product: ShopProduct, copied: Copied) -> dict[str, Any]:
    image = copied.image
    return {
        "product_id": product.id,
        "sku": product.sku,
        "image_id": image.id,
        "order": image.sort_order,
        "main": image.is_thumbnail,
        "alt": image.description,
        "path": None if copied.path is None else encodable(copied.path),
        "fetched": copied.fetched,
        "why_not": copied.why_not or None,
    }
