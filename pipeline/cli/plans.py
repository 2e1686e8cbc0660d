"""What a dry run found, product by product, as it is asked for: what the shop shows, and will."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from pipeline.cli.saved_plans import SavedPlan
from pipeline.engine import Engine
from pipeline.engine.planning import Folder, ProductPlan, plan_products, requests_of
from pipeline.engine.reading import chunks, in_silence
from pipeline.errors import StoreError
from pipeline.lifecycle import State
from pipeline.report.documents import RunEnd
from pipeline.settings import Settings
from pipeline.shop_client import client_with, pacer_for
from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, StoreClient
from pipeline.values import ProductName

__all__ = ["Plans", "plans_for", "plans_of", "products_to_send"]

Planned: TypeAlias = tuple[ProductPlan, ProductName | None]

Noted: TypeAlias = Callable[[ProductPlan, ProductName | None], None]


class Plans:
    """The plans of products, some hundred of which are read at a time; counts what they take.

    Attributes:
        requests: that the plans yielded so far take, about.
        failed: why the shop could not be asked; None where it could.
    """

    def __init__(
        self,
        engine: Engine,
        client: StoreClient,
        pacer: Pacer,
        product_ids: Sequence[int],
        folder: Folder | None = None,
        noted: Noted = lambda plan, name: None,
        whole: Callable[[], None] = lambda: None,
    ) -> None:
        """Take whose plans are asked for; see `plan_products`.

        Args:
            engine: through which their photographs came.
            client: says what products are called.
            pacer: says how long requests take.
            product_ids: the products.
            folder: that they are to be like.
            noted: is told each, also those of which nothing is to be done.
            whole: is called when all were told.
        """
        self._noted, self._whole = noted, whole
        self._engine, self._client, self._pacer = engine, client, pacer
        self._product_ids, self._folder = product_ids, folder
        self.requests = 0
        self.failed: StoreError | None = None

    def __iter__(self) -> Iterator[Planned]:
        """Yield the products of which anything is to be done, with what the shop calls each."""
        try:
            for some in chunks(self._product_ids, in_silence):
                yield from self._some(some)
        except StoreError as error:
            self.failed = error
        else:
            self._whole()

    @property
    def seconds(self) -> float | None:
        """How long that takes at the shop's pace; None where it did not say what that is."""
        return self._pacer.seconds_for(self.requests)

    def _some(self, product_ids: Sequence[int]) -> Iterator[Planned]:
        found = list(plan_products(self._engine, product_ids, self._folder))
        names: dict[int, ProductName] = {}
        with suppress(StoreError):  # better without names than not at all
            names.update(self._client.product_names([one.product_id for one in found]))
        self.requests += requests_of(found)
        for plan in found:
            name = names.get(plan.product_id)
            self._noted(plan, name)
            if plan.anything:
                yield plan, name


def plans_for(
    settings: Settings,
    address: StoreAddress,
    engine: Engine,
    product_ids: Sequence[int],
    folder: Folder | None = None,
    save: SavedPlan | None = None,
    noted: Noted = lambda plan, name: None,
) -> Plans:
    """Return the plans of products, with a client of their own for their names.

    Args:
        settings: in force.
        address: of the shop.
        engine: through which their photographs came.
        product_ids: the products.
        folder: that they are to be like.
        save: where they are kept.
        noted: is told each.
    """
    pacer = pacer_for(settings)
    client = client_with(settings, address, pacer, engine.clock.wait, settings.patience)
    if save is not None:
        save.begin(address, engine.ledger)

    def note(plan: ProductPlan, name: ProductName | None) -> None:
        noted(plan, name)
        if save is not None:
            save.note(plan, name)

    whole = (lambda: None) if save is None else save.end
    return Plans(engine, client, pacer, product_ids, folder, note, whole)


def plans_of(
    settings: Settings,
    address: StoreAddress,
    engine: Engine,
    ending: RunEnd,
    save: SavedPlan | None,
) -> Plans | None:
    """Return the plans of what a dry run would send; None of a run, or where it did not get on."""
    if not ending.rehearsed or ending.interrupted or ending.error:
        return None
    return plans_for(settings, address, engine, products_to_send(engine), save=save)


def products_to_send(engine: Engine) -> Sequence[int]:
    """Return the products to which a dry run would send something, in rising order."""
    products = {
        line.photo.placement.product_id
        for line in engine.ledger.run_report().lines
        if line.photo.state is State.PREPARED and line.photo.placement is not None
    }
    return sorted(products)
