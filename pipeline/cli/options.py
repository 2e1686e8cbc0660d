"""Options that several commands have, and the settings that are in force with them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from pipeline.cli.main import EXIT_INTERRUPTED, EXIT_TROUBLE, EXIT_WRONG
from pipeline.cli.terminal import say, say_json
from pipeline.errors import PipelineError
from pipeline.home import close_home, closed_sentence
from pipeline.moments import HOW_TO_SAY, said_moment
from pipeline.place_settings import Hold
from pipeline.report.schemas import Document, versioned
from pipeline.settings import SETTINGS, Loaded, load
from pipeline.values import Preset
from pipeline.wording import plain

__all__ = [
    "agreed_to",
    "id_given",
    "json_array",
    "json_document",
    "loaded",
    "log_options",
    "main_option",
    "map_option",
    "may_remove",
    "moment_given",
    "print_json",
    "print_json_array",
    "print_json_with",
    "product_options",
    "say_aside",
    "setting_options",
    "shop_options",
    "when_given",
]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

HIGHEST_ID: Final = 2**63 - 1
"""No product and no image has a higher id."""

_OPTIONS: Final[dict[str, type | click.Choice[str]]] = {
    "workers": int,
    "uploads": int,
    "max_bytes": int,
    "longest_side": int,
    "recipe": click.Choice([preset.value for preset in Preset]),
    "quality_best": int,
    "quality_floor": int,
    "settle_after": float,
    "patience": float,
    "hold": click.Choice([hold.value for hold in Hold]),
}
"""The settings that `pipeline run` takes as options too."""


_METAVARS: Final[dict[type, str]] = {int: "N", float: "SECONDS"}


def setting_options(command: _Decorated) -> _Decorated:
    """Add an option for each setting that is wanted for one run; the settings judge the value."""
    for name, kind in reversed(_OPTIONS.items()):
        command = click.option(
            f"--{name.replace('_', '-')}",
            type=kind,
            metavar=_METAVARS.get(kind) if isinstance(kind, type) else None,
            help=_sentence(SETTINGS[name].description),
        )(command)
    return command


def product_options(command: _Decorated) -> _Decorated:
    """Add --product and --sku, of which one at most may be given; several SKUs are one text."""

    @wraps(command)
    def called(*args: object, product: int | None, sku: Sequence[str], **others: object) -> object:
        if product is not None and sku:
            raise click.UsageError("give --product or --sku, not both")
        return command(*args, product=product, sku=",".join(sku) or None, **others)

    for option in (
        click.option(
            "--sku",
            multiple=True,
            help="The SKU of the product of all of them; given again, each goes to both.",
        ),
        click.option(
            "--product", type=click.IntRange(min=1), help="The product id of all of them."
        ),
    ):
        called = option(called)
    return cast(_Decorated, called)


map_option: Final = click.option(
    "--map",
    "map_files",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file that says whose pictures the files are (may be given again).",
)
"""Adds --map, as `map_files`."""


main_option: Final = click.option(
    "--main",
    "impose_main",
    is_flag=True,
    default=None,
    help="Make the shoot's first picture the main one, whatever was chosen in the shop by hand.",
)
"""Adds --main, as the setting `impose_main`."""


def shop_options(command: _Decorated) -> _Decorated:
    """Add --shop and --test-shop: which shop is meant."""
    for option in (
        click.option(
            "--test-shop",
            is_flag=True,
            default=None,
            help="Use the test shop on this machine: nothing goes to a real shop.",
        ),
        click.option(
            "--shop",
            metavar="NAME",
            help="The shop of this name (see `pipeline shop list`), instead of the one in use.",
        ),
    ):
        command = option(command)
    return command


json_document: Final = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document."
)
json_array: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")


def log_options(command: _Decorated) -> _Decorated:
    """Add -v and --log-json, as what is `shown` of the log."""

    @wraps(command)
    def called(*args: object, verbose: int, log_json: bool, **others: object) -> object:
        # Whoever only asks has no log.
        from pipeline.service.logs import Shown

        shown = Shown(lines=bool(verbose or log_json), steps=verbose > 1, as_json=log_json)
        return command(*args, shown=shown, **others)

    for option in (
        click.option(
            "--log-json", is_flag=True, help="Write the log to standard error, as JSON lines."
        ),
        click.option(
            "--verbose",
            "-v",
            count=True,
            help="Write the log to standard error: a line a photograph; -vv: one for each step.",
        ),
    ):
        called = option(called)
    return cast(_Decorated, called)


def _sentence(description: str) -> str:
    return f"{description[0].upper()}{description[1:]}."


def loaded(flags: Mapping[str, object]) -> Loaded:
    """Return the settings in force: flags over environment over file over default.

    What other users may do in the home folder is taken away, and that is said.

    Args:
        flags: the options of a command, `config` and `home` among them; None where not given.

    Raises:
        ConfigError: a setting is wrong.
    """
    values = dict(flags)
    config = values.pop("config", None)
    force = load(values, os.environ, config if isinstance(config, Path) else None)
    home = str(force.settings.home)
    if closed := close_home(home):
        say_aside(f"pipeline: {closed_sentence(home, closed)}")
    return force


def print_json(kind: Document, document: Mapping[str, Any]) -> None:
    """Print a document for programs on standard output, with its version, letters as they are.

    Args:
        kind: what it is; `report/schemas.json` describes it.
        document: what is in it.
    """
    say_json(json.dumps(versioned(kind, document), indent=2, ensure_ascii=False))


def print_json_with(
    kind: Document, document: Mapping[str, Any], name: str, many: Iterable[Mapping[str, Any]]
) -> None:
    """Print a document for programs that ends with an array, each of it as it comes.

    Args:
        kind: what it is.
        document: what is in it before the array.
        name: the array's.
        many: its objects: they may be very many.
    """
    whole = json.dumps({**versioned(kind, document), name: []}, indent=2, ensure_ascii=False)
    begin, end = whole.removesuffix("]\n}"), "]\n}"
    _print_each(begin, many, end, indent="    ", last="  ")


def print_json_array(kind: Document, documents: Iterable[Mapping[str, Any]]) -> None:
    """Print documents for programs as one JSON array, each as it comes: they may be very many.

    Each has its version, so that it is whole in itself wherever it is taken.
    """
    _print_each("[", (versioned(kind, document) for document in documents), "]", indent="  ")


def _print_each(
    begin: str, many: Iterable[Mapping[str, Any]], end: str, *, indent: str, last: str = ""
) -> None:
    """Print an array, between what comes before it and what comes after it on its last line.

    What goes wrong between two of it ends it, and is told after that: it is whole JSON all the
    same. Before the first of an array that is all there is, it is raised: there is another
    document for it.

    Raises:
        Exit: with the status that tells of it.
    """
    held, first = begin, True
    whole = begin == "["
    wrong: BaseException | None = None
    try:
        for document in many:
            # Held until it is known whether another one follows it.
            if not say_json(held if first else f"{held},"):
                return  # nobody reads on
            text = json.dumps(document, indent=2, ensure_ascii=False)
            held, first = indent + text.replace("\n", f"\n{indent}"), False
    except (PipelineError, KeyboardInterrupt) as error:
        if whole and first:
            raise
        wrong = error
    say_json(f"{held}{end}" if first else f"{held}\n{last}{end}")
    if wrong is not None:
        stopped = isinstance(wrong, KeyboardInterrupt)
        say_aside(f"pipeline: {'interrupted' if stopped else wrong}")
        raise click.exceptions.Exit(EXIT_INTERRUPTED if stopped else EXIT_WRONG) from wrong


def moment_given(text: str) -> datetime:
    """Return the moment that somebody means, in UTC.

    Raises:
        BadParameter: it is none; what would be one is said.
    """
    try:
        return said_moment(text, datetime.now().astimezone()).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise click.BadParameter(f"{text!r} is no moment: {HOW_TO_SAY}") from error


def when_given(
    context: click.Context, option: click.Parameter, text: str | None
) -> datetime | None:
    """Return the moment that an option was given, in UTC; None where it was not given.

    Raises:
        BadParameter: as `moment_given` does.
    """
    return None if text is None else moment_given(text)


def id_given(text: str) -> int | None:
    """Return the id of a product or an image that a text is; None where it can be none."""
    number = int(text) if text.isdecimal() and len(text) < len(str(HIGHEST_ID)) else 0
    return number or None


def agreed_to(question: str, *, yes: bool) -> None:
    """Ask whether something may be done that cannot be taken back, where nobody said so already.

    Args:
        question: what is asked.
        yes: it was said already.

    Raises:
        UsageError: nobody can be asked.
        Exit: the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody can be asked here: give --yes if it is meant")
    if not click.confirm(plain(question), err=True):
        say_aside("pipeline: nothing was changed")
        raise click.exceptions.Exit(EXIT_TROUBLE)


def may_remove(question: str, *, yes: bool) -> bool:
    """Return whether something may be removed that is only a part of what a command does.

    Asked as `agreed_to` does; where the answer is no, or nobody can be asked, it is left.

    Args:
        question: what is asked.
        yes: it was said already.
    """
    if yes:
        return True
    return sys.stdin.isatty() and click.confirm(plain(question), err=True)


def say_aside(sentence: str) -> None:
    """Print a sentence beside the result: on standard error."""
    say(sentence, err=True)
