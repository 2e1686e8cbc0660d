"""`pipeline images`: the five endpoints by hand, against whichever store is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from pipeline.assembly import changing_for, client_for, note_listed
from pipeline.batches import BatchKind, ChangeKind, ImageFacts, PlannedChange
from pipeline.cli.columns import Column, print_rows
from pipeline.cli.display import working_shown
from pipeline.cli.failing import tell_error
from pipeline.cli.groups import Group
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import (
    agreed_to,
    id_given,
    loaded,
    print_json,
    print_json_array,
    say_aside,
    shop_options,
)
from pipeline.cli.pull import pull
from pipeline.cli.terminal import say
from pipeline.engine import Changed, SilentObserver, note_wishes
from pipeline.errors import StoreDenied, StoreError, StoreRejected, StoreUnavailable, StoreUnsure
from pipeline.layout import cut_path, cut_words
from pipeline.lifecycle import State
from pipeline.opening import ledger_for, reader_for
from pipeline.report.documents import store_document
from pipeline.report.schemas import Document
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import StoreInForce, store_in_force
from pipeline.settings import Settings
from pipeline.upload import StoreClient
from pipeline.values import Door, Photo, StoredImage
from pipeline.wording import encodable, shown

__all__ = ["images"]

_product = click.argument("product")

_image = click.argument("image", type=click.IntRange(min=1))
_order = click.option("--order", type=int, help="Sort order; higher comes later.")
_thumbnail = click.option(
    "--thumbnail/--no-thumbnail", default=None, help="Make it the product's thumbnail."
)
_description = click.option("--description", help="What the picture shows.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_PLACE: Final = frozenset({"sort_order", "is_thumbnail"})
"""What is said of where an image stands: a person's wish, which no run puts back."""

_COLUMNS: Final = (
    Column(name="image", width=9, side=">", weight=5),
    Column(name="order", width=5, side=">", weight=3),
    Column(name="thumbnail", width=9, weight=2),
    Column(name="file", width=40, weight=4, cut=cut_path, least=20),
    Column(name="description", weight=1, cut=cut_words, least=12),
)


@click.group(cls=Group)
def images() -> None:
    """List, get, create, update and delete product images by hand."""


@images.command(name="list")
@_product
@_json
@shop_options
@common_options
def list_images(product: str, as_json: bool, **flags: object) -> int:
    """List all images of PRODUCT, a product's id or its SKU."""
    with _client(flags) as (client, settings, store):
        product_id = _id_of(client, product)
        with working_shown("asking the shop"):
            found = client.list_images(product_id)
        note_listed(settings, store.address, SystemClock(), product_id, found)
    if as_json:
        print_json_array(Document.IMAGES, (_document(image, store) for image in found))
        return EXIT_OK
    rows = (
        (
            str(image.id),
            str(image.sort_order),
            "yes" if image.is_thumbnail else "",
            image.image_file,
            image.description,
        )
        for image in sorted(found, key=lambda image: (image.sort_order, image.id))
    )
    if not print_rows(_COLUMNS, ((row, "") for row in rows), whole=False):
        say(f"Product {product_id} has no images.")
    return EXIT_OK


@images.command()
@_product
@_image
@_json
@shop_options
@common_options
def get(product: str, image: int, as_json: bool, **flags: object) -> int:
    """Show IMAGE of PRODUCT, a product's id or its SKU."""
    with _client(flags) as (client, _, store):
        return _print(client.get_image(_id_of(client, product), image), as_json, store)


@images.command()
@_product
@click.argument("source")
@_order
@_thumbnail
@_description
@_json
@shop_options
@common_options
def create(
    product: str,
    source: str,
    order: int | None,
    thumbnail: bool | None,
    description: str | None,
    as_json: bool,
    **flags: object,
) -> int:
    """Add SOURCE, a file or an http(s) address, to PRODUCT (its id or SKU) as it is.

    Every call makes a new image; nothing is checked, prepared or recorded: that is what
    `pipeline run` is for.
    """
    facts = _facts(order, thumbnail, description)
    with _client(flags) as (client, _, store):
        product_id = _id_of(client, product)
        if source.startswith(("http://", "https://")):
            try:
                made = client.create_image_from_url(product_id, {**facts, "image_url": source})
            except StoreRejected as error:
                if error.status != 400 or error.fields:
                    raise
                raise StoreRejected(
                    400, "it could not fetch the picture behind that address"
                ) from error
        else:
            file = Path(source)
            if not file.is_file():
                raise click.BadParameter(f"{source} is no file", param_hint="SOURCE")
            made = client.create_image(product_id, file, file.name, facts)
    return _print(made, as_json, store)


@images.command()
@_product
@_image
@_order
@_thumbnail
@_description
@click.option("--url", help="Another picture's address; shops were seen to take no notice of it.")
@_json
@shop_options
@common_options
def update(
    product: str,
    image: int,
    order: int | None,
    thumbnail: bool | None,
    description: str | None,
    url: str | None,
    as_json: bool,
    **flags: object,
) -> int:
    """Change what is said of IMAGE of PRODUCT, a product's id or its SKU."""
    facts = _facts(order, thumbnail, description)
    if url is not None:
        facts["image_url"] = url
    if not facts:
        raise click.UsageError("give --order, --thumbnail, --description or --url")
    with _client(flags) as (client, settings, store):
        there = client.get_image(_id_of(client, product), image)
        batch, ended = _change(settings, store, client, ChangeKind.UPDATE, there, facts)
        if ended.left:
            return _not_changed(ended)
        say_aside(f"pipeline: this is batch {batch}")
        return _print(client.get_image(there.product_id, image), as_json, store)


@images.command()
@_product
@_image
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
@shop_options
@common_options
def delete(product: str, image: int, yes: bool, as_json: bool, **flags: object) -> int:
    """Delete IMAGE of PRODUCT (its id or SKU) from the shop; our records keep that we did.

    First it is said what the image is, and you are asked.
    """
    told = say_aside if as_json else say
    with _client(flags) as (client, settings, store):
        product_id = _id_of(client, product)
        there = client.get_image(product_id, image)
        told(f"Image {image} of product {product_id}: {there.image_file}")
        with reader_for(settings, store.address.identity, say_aside) as reader:
            ours = next((one for one in reader.of_product(product_id) if _is(one, image)), None)
        if ours is None:
            told("It was not uploaded by this program: nothing here can send it again.")
        else:
            told(f"It is your photograph {shown(ours.path)}; your file stays where it is.")
        agreed_to(f"Delete image {image} of product {product_id} from the shop?", yes=yes)
        batch, ended = _change(settings, store, client, ChangeKind.DELETE, there, {})
    if as_json:
        document = {
            "store": store_document(store.address),
            "product_id": product_id,
            "image_id": image,
            "batch": batch,
            "deleted": not ended.left,
            "path": None if ours is None else encodable(ours.path),
        }
        print_json(Document.DELETED, document)
    if ended.left:
        return _not_changed(ended)
    told(f"deleted image {image} of product {product_id} (batch {batch})")
    if ours is not None:
        told(f"it was {shown(ours.path)}: `pipeline retry` and a run would send it again")
    return EXIT_OK


images.add_command(pull)


def _change(
    settings: Settings,
    store: StoreInForce,
    client: StoreClient,
    kind: ChangeKind,
    image: StoredImage,
    facts: ImageFacts,
) -> tuple[int, Changed]:
    """Change an image, in a batch of its own; return that, and what became of it."""
    clock = SystemClock()
    with (
        stopping_on_signals(clock, say_aside),
        ledger_for(settings, store.address, clock, Door.RUN, say_aside) as ledger,
    ):
        ours = next(
            (one for one in ledger.of_product(image.product_id) if _is(one, image.id)), None
        )
        batch = ledger.begin_batch(BatchKind.COMMAND)
        photo_id = None if ours is None else ours.id
        changes = [PlannedChange(kind=kind, image=image, facts=facts, photo_id=photo_id)]
        if kind is ChangeKind.UPDATE and not _PLACE.isdisjoint(facts):
            listed = client.list_images(image.product_id)
            note_wishes(ledger, image.product_id, listed, changes)
        ledger.plan(changes)
        return batch, changing_for(settings, client, ledger, clock, SilentObserver()).carry_out(
            batch
        )


def _not_changed(ended: Changed) -> int:
    for sentence in ended.left:
        say(f"pipeline: {sentence}", err=True)
    return EXIT_TROUBLE


def _is(photo: Photo, image: int) -> bool:
    return photo.state is State.STORED and photo.image is not None and photo.image.id == image


@contextmanager
def _client(
    flags: dict[str, object],
) -> Iterator[tuple[StoreClient, Settings, StoreInForce]]:
    settings = loaded(flags).settings
    with store_in_force(settings, say=say_aside) as store:
        try:
            yield client_for(settings, store.address), settings, store
        except (StoreDenied, StoreUnavailable):
            raise
        except StoreUnsure as error:
            tell_error(error, f"{error}; an image may have been made: list the product's images")
            raise click.exceptions.Exit(EXIT_TROUBLE) from None
        except StoreError as error:
            tell_error(error)
            raise click.exceptions.Exit(EXIT_TROUBLE) from None


def _id_of(client: StoreClient, product: str) -> int:
    """Return the id of the product that somebody means: by its id, or by its SKU.

    Raises:
        UsageError: none has that SKU, or several have.
    """
    sku = product.removeprefix("sku:")
    if (product_id := id_given(product)) is not None:
        return product_id
    bearing = sorted(client.products_by_sku([sku]).get(sku, ()))
    if not bearing:
        raise click.UsageError(
            f"the shop has no product with the SKU {sku}: give its product id, or look in the shop"
        )
    if len(bearing) > 1:
        ids = ", ".join(map(str, bearing))
        raise click.UsageError(
            f"the SKU {sku} is of several products: give one of their ids ({ids})"
        )
    return bearing[0]


def _facts(
    order: int | None, thumbnail: bool | None, description: str | None
) -> dict[str, str | int | bool]:
    given = {"sort_order": order, "is_thumbnail": thumbnail, "description": description}
    return {name: value for name, value in given.items() if value is not None}


def _document(image: StoredImage, store: StoreInForce) -> dict[str, Any]:
    return {**asdict(image), "store": store_document(store.address)}


def _print(image: StoredImage, as_json: bool, store: StoreInForce) -> int:
    if as_json:
        print_json(Document.IMAGE, _document(image, store))
        return EXIT_OK
    for name, value in asdict(image).items():
        say(f"{name:<14}{value}")
    return EXIT_OK
