"""`pipeline verify`: the ledger held against the store, and what is missing put back."""

from __future__ import annotations

import json
from contextlib import ExitStack

import click

from pipeline.assembly import engine_for, run_engine
from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import loaded
from pipeline.engine import (
    Difference,
    SilentObserver,
    differences,
    repaired,
)
from pipeline.lifecycle import State
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.service.embedded_store import store_in_force
from pipeline.values import Door, Photo, StoredImage
from pipeline.wording import plain, shown

__all__ = ["verify"]


@click.command()
@click.option("--repair", is_flag=True, help="Put back what is missing in the store.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@common_options
def verify(repair: bool, as_json: bool, **flags: object) -> int:
    """Hold the ledger against the store, product by product, and say every difference.

    Told are photographs missing in the store, images unknown to the ledger, photographs that are
    there twice, and images whose order, thumbnail or picture was changed there. With --repair
    what is missing is uploaded again from its original; nothing else is changed, and nothing is
    ever deleted.
    """
    settings = loaded(flags).settings
    clock = SystemClock()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(clock, _say))
        store = stack.enter_context(store_in_force(settings, say=_say))
        engine = stack.enter_context(
            engine_for(settings, store.address, clock, SilentObserver(), Door.RUN)
        )
        found = differences(engine)
        now = repaired(engine, found, lambda: run_engine(settings, engine, ())) if repair else {}
        stored = engine.ledger.tally()[State.STORED]
    left = [one for one in found if _image_now(one, now) is None]
    if as_json:
        click.echo(json.dumps([_document(one, now) for one in found], indent=2))
    else:
        for one in found:
            click.echo(f"{one.kind:9}  product {one.product_id}  {_words(one, now)}")
        click.echo(f"{stored} stored, {len(found)} differences, {len(found) - len(left)} mended")
    if clock.stopping():
        return EXIT_INTERRUPTED
    return EXIT_TROUBLE if left else EXIT_OK


def _image_now(one: Difference, now: dict[str, Photo]) -> StoredImage | None:
    again = None if one.photo is None else now.get(one.photo.id)
    if again is None or again.state is not State.STORED:
        return None
    return again.image


def _words(one: Difference, now: dict[str, Photo]) -> str:
    where = "" if one.photo is None else f"{shown(one.photo.path)}: "
    mended = ""
    if (image := _image_now(one, now)) is not None:
        mended = f"; it is image {image.id} now"
    elif one.photo is not None and one.photo.id in now:
        again = now[one.photo.id]
        mended = f"; it could not be put back ({again.state}): {plain(again.sentence)}"
    return f"{where}{one.sentence}{mended}"


def _document(one: Difference, now: dict[str, Photo]) -> dict[str, object]:
    image = _image_now(one, now)
    return {
        "kind": str(one.kind),
        "product_id": one.product_id,
        "image_id": one.image_id,
        "path": None if one.photo is None else shown(one.photo.path),
        "sentence": one.sentence,
        "mended_as": None if image is None else image.id,
    }


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
