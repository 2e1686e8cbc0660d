"""Options that say which of the photographs that the ledger knows are meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from pipeline.cli.options import when_given
from pipeline.lifecycle import UNFINISHED_STATES, Reason, State
from pipeline.scope import Scope
from pipeline.wanted import Wanted

__all__ = ["absolute", "reason_option", "state_option", "states_of", "wanted_options"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_ALL_UNFINISHED: Final = "not_finished"

state_option: Final = click.option(
    "--state",
    type=click.Choice([*map(str, State), _ALL_UNFINISHED]),
    metavar="STATE",
    help="Only those in this state: stored, waiting, refused, failed, removed or not_finished "
    "(of these: received, validated, prepared, uploading).",
)

reason_option: Final = click.option(
    "--reason",
    type=click.Choice([str(reason) for reason in Reason]),
    metavar="REASON",
    help="Only those that are not in the shop for this reason, as damaged or product_unknown.",
)


def states_of(said: str | None) -> frozenset[State]:
    """Return the states that a word means; none where none is said."""
    if said == _ALL_UNFINISHED:
        return UNFINISHED_STATES
    return frozenset() if said is None else frozenset({State(said)})


def wanted_options(command: _Decorated) -> _Decorated:
    """Add the options by which photographs are chosen, as one value `wanted`."""

    @wraps(command)
    def called(
        *args: object,
        state: str | None,
        reason: str | None,
        since: datetime | None,
        within: Path | None,
        product: int | None,
        sku: str | None,
        **others: object,
    ) -> object:
        if product is not None and sku is not None:
            raise click.UsageError("give --product or --sku, not both")
        wanted = Wanted(
            states=states_of(state),
            reason=None if reason is None else Reason(reason),
            since=since,
            within=None if within is None else absolute(within),
            product_id=product,
            sku=sku,
        )
        return command(*args, wanted=wanted, **others)

    for option in (
        click.option(
            "--path",
            "within",
            type=click.Path(path_type=Path),
            metavar="PATH",
            help="Only this file, or what lies in this folder.",
        ),
        click.option(
            "--since",
            metavar="WHEN",
            callback=when_given,
            help="Only what changed since then: today, 2h, 3d, 2026-11-01, '2026-11-01 14:30'.",
        ),
        click.option("--product", type=click.IntRange(min=1), help="Only those of this product."),
        click.option("--sku", help="Only those of the product with this SKU."),
        reason_option,
        state_option,
    ):
        called = option(called)
    return cast(_Decorated, called)


def absolute(path: Path) -> Path:
    """Return a path as a scan names what it finds: without `..`, and no link resolved."""
    (root,) = Scope.of([path]).roots
    return root
