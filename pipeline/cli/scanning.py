"""A bar code scanner at the table: each line that it types says what lies there now.

A scanner types a code and a line's end, as a keyboard would. Whoever scans looks at the product and
not at the screen: what the shop does not know must not leave the product before it on the table, or
the shots that follow would go to that one.

Loading this loads HTTP.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from pipeline.assembly import client_for
from pipeline.cli.next_shots import views_left
from pipeline.cli.options import say_aside
from pipeline.cli.terminal import say
from pipeline.errors import StoreError
from pipeline.hook.inbox import clear_current_product, set_current_product
from pipeline.intake.whose_name import can_be_asked
from pipeline.opening import address_of
from pipeline.settings import Settings
from pipeline.upload import StoreClient

__all__ = ["scan_in"]

ASKED_SECONDS: Final = 5.0
"""So long at most a shop is asked that does not answer: somebody stands there with the product."""


def scan_in(settings: Settings, lines: Iterable[str]) -> bool:
    """Put on the table what each line names, until there are no more.

    Args:
        settings: in force.
        lines: what the scanner typed, as they come.

    Returns:
        Whether the shop knew all of them, as far as it could be asked.

    Raises:
        OSError: the table cannot be set.
    """
    address = address_of(settings)
    hurried = replace(settings, patience=min(settings.patience, ASKED_SECONDS))
    # The local store takes every product, and would only be started for this.
    client = None if address is None else client_for(hurried, address)
    all_known = True
    for code in _codes(lines):
        sentence, known = _put_on_the_table(settings, client, code)
        say(sentence)
        if known and settings.shot_list is not None:
            say(views_left(settings, settings.shot_list, code))
        all_known = all_known and known
    return all_known


def _codes(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        # Some scanners type a sign before and after the code that no screen shows.
        code = "".join(sign for sign in line if sign.isprintable()).strip()
        if code:
            yield code


def _put_on_the_table(
    settings: Settings, client: StoreClient | None, code: str
) -> tuple[str, bool]:
    """Return what is said of a code, and whether the shop knows it."""
    home, shops = str(settings.home), settings.hook_shops
    try:
        called = None if client is None else _called(client, code)
    except StoreError as error:
        say_aside(f"pipeline: the shop could not be asked for {code}: {error}")
        called = code
    if called is None and client is not None:
        for shop in shops:
            clear_current_product(home, shop)
        return f"NOTHING is on the table: the shop has no product with the SKU {code}", False
    for shop in shops:
        set_current_product(home, {"sku": code}, shop)
    return f"On the table: {called or code}", True


def _called(client: StoreClient, code: str) -> str | None:
    """Return what people call the product of a code; None where the shop has none, or several."""
    products = client.products_by_sku([code]).get(code) if can_be_asked(code) else None
    if not products or len(products) > 1:
        return None
    name = client.product_names(products).get(min(products))
    return f"{code} ({name.name})" if name and name.name else code
