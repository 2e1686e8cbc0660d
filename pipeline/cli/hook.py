"""`pipeline hook` and `table`: called with every shot, and told whose shots they are.

What brings photographs into the store is loaded only where this very call does it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from pipeline.cli.main import (
    EXIT_INTERRUPTED,
    EXIT_OK,
    EXIT_TROUBLE,
    EXIT_WRONG,
    common_options,
    log_to_terminal,
)
from pipeline.cli.options import (
    json_document,
    loaded,
    print_json,
    product_options,
    shop_options,
)
from pipeline.cli.terminal import say, say_text
from pipeline.errors import ConfigError, PipelineError
from pipeline.home import of_shop
from pipeline.hook.call import files_called_with, note_down, start_background
from pipeline.hook.inbox import clear_current_product, current_product, set_current_product
from pipeline.hook.scripts import SCRIPTS, script_for
from pipeline.report.schemas import Document
from pipeline.service.clock import SystemClock, stopping_on_signals
from pipeline.setting_sources import SourceKind
from pipeline.settings import Loaded, Settings
from pipeline.shops import TEST_SHOP
from pipeline.wording import writable

__all__ = ["hook", "table"]

_ACTIONS: Final = ("init", "start", "download", "stop")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=str))
@product_options
@click.option("--wait", is_flag=True, help="Bring them into the shop before returning.")
@click.option("--no-start", is_flag=True, help="Only note them down; start nothing.")
@click.option(
    "--print",
    "script",
    type=click.Choice(SCRIPTS),
    help="Print a script for that program, ready to be saved.",
)
@click.option("--background", is_flag=True, hidden=True)
@click.option("--lock", type=int, hidden=True)
@json_document
@shop_options
@common_options
def hook(
    files: Sequence[str],
    product: int | None,
    sku: str | None,
    wait: bool,
    no_start: bool,
    script: str | None,
    background: bool,
    lock: int | None,
    as_json: bool,
    **flags: object,
) -> int:
    """Note down photographs that were just shot, and see to it that they are taken in.

    Called with paths, or by gphoto2 (--hook-script) with ACTION and ARGUMENT in the environment.
    The photograph, a copy of it and the note are safe on the disk when this returns: the next
    shot may overwrite its file, and three shots of one name are three photographs. The copy lies
    in the home folder until its picture is in the shop; where none can be made, that is said. A
    running watcher takes the shot at once; else a program is started in the background. The
    product is the one given by --product or --sku, by PIPELINE_PRODUCT or PIPELINE_SKU in the
    environment, else what is on the table (see `pipeline table`), else what the name of its folder
    or of the file says.
    """
    if wait and no_start:
        raise click.UsageError("give --wait or --no-start, not both")
    if script is not None:
        say_text(script_for(script, _options_of_script(flags, product, sku)))
        return EXIT_OK
    if background:
        return _run_in_background(flags, lock)
    action = os.environ.get("ACTION")
    if not files and action is None:
        raise click.UsageError(
            f"give a photograph, or call it as gphoto2 does (ACTION={'|'.join(_ACTIONS)})"
        )
    if not files and action == "init":
        return _look_around(flags)
    if not files and action != "download":
        return EXIT_OK
    given = {"product": str(product)} if product else {"sku": sku} if sku else {}
    force = loaded(flags)
    settings, shop = force.settings, _shop_of_call(force)
    photographs = files_called_with(list(files))
    noted = note_down(str(settings.home), photographs, given, shop=shop, awaited=wait)
    whole = bool(photographs) and len(noted) == len(photographs)
    counts, status = _bring_in(settings, noted) if wait else (None, EXIT_OK)
    if not (wait or no_start):
        config = flags.get("config")
        start_background(str(settings.home), None if config is None else str(config), shop)
    if as_json:
        _print_noted(noted, len(photographs) - len(noted), counts)
    return status if whole else status or EXIT_TROUBLE


@click.command()
@click.argument("sku", required=False)
@click.option("--product", type=click.IntRange(min=1), help="A product id instead of a SKU.")
@click.option("--clear", is_flag=True, help="Nothing is on the table any more.")
@click.option(
    "--scan", is_flag=True, help="Read SKUs from standard input, as a bar code scanner types them."
)
@click.option(
    "--force", is_flag=True, help="Do not ask the shop: for a product that is added to it later."
)
@json_document
@shop_options
@common_options
def table(
    sku: str | None,
    product: int | None,
    clear: bool,
    scan: bool,
    force: bool,
    as_json: bool,
    **flags: object,
) -> int:
    """Say what is on the table: the shots that the hook notes down from now on belong to it.

    Without a SKU it tells what is there. It counts after a product that a shot is called with,
    and before the names of folders and files. The shop is asked whether it has that product; where
    it has not, or cannot be asked, nothing changes, but with --force. With --scan each line of
    standard input is a SKU, until Ctrl-C: of one that the shop does not have, nothing is on the
    table, so that no shot goes to the product before it.
    """
    if (sku is not None) + (product is not None) + clear + scan > 1:
        raise click.UsageError("give a SKU, or --product, or --clear, or --scan")
    if scan and as_json:
        raise click.UsageError("give --scan or --json, not both")
    settings = loaded(flags).settings
    if scan:
        return _scan(settings)
    home = str(settings.home)
    try:
        if clear:
            for shop in settings.hook_shops:
                clear_current_product(home, shop)
        elif product is not None or sku is not None:
            meant = _meant(settings, product, sku, asked=not force)
            for shop in settings.hook_shops:
                set_current_product(home, meant, shop)
    except OSError as error:
        raise ConfigError(f"the table cannot be set in {home}: {error.strerror}") from error
    current = current_product(home, min(settings.hook_shops))
    if as_json:
        print_json(Document.TABLE, {**_product_of(current), "store": _store_of(settings)})
    else:
        _say_what_is_there(settings, current)
    return EXIT_OK


def _store_of(settings: Settings) -> dict[str, str | None] | None:
    """Return the shop that the shots go to, for programs; None where that is not settled."""
    from pipeline.opening import address_of, missing_shop
    from pipeline.report.documents import store_document

    try:
        if missing_shop(settings) is not None:
            return None
        return store_document(address_of(settings))
    except PipelineError:
        return None


def _product_of(named: Mapping[str, str]) -> dict[str, int | str | None]:
    """Return the product that is written down, for programs: by its id or by its SKU."""
    product = named.get("product", "")
    return {
        "product_id": int(product) if product.isdecimal() else None,
        "sku": named.get("sku"),
    }


def _print_noted(
    noted: Sequence[tuple[str, dict[str, str]]], missing: int, counts: Mapping[str, int] | None
) -> None:
    shots = [
        {
            "path": writable(entry["path"]),
            **_product_of(entry),
            "copied": "uncopied" not in entry and "copy" in entry,
        }
        for _, entry in noted
    ]
    ended = {} if counts is None else {"counts": dict(counts)}
    print_json(Document.HOOK, {"noted_down": shots, "not_noted_down": missing, **ended})


def _say_what_is_there(settings: Settings, current: Mapping[str, str]) -> None:
    if "product" in current:
        say(f"On the table: product {current['product']}")
    elif "sku" in current:
        say(f"On the table: {current['sku']}")
        if settings.shot_list is not None:
            from pipeline.cli.next_shots import views_left

            say(views_left(settings, settings.shot_list, current["sku"]))
    else:
        say("Nothing is on the table.")
    store = _store_of(settings)
    if store is not None and store["address"] is None:
        from pipeline.report.wording import of_test_shop

        say(of_test_shop())


def _scan(settings: Settings) -> int:
    log_to_terminal()  # HTTP comes along, which has a log

    from pipeline.cli.scanning import scan_in

    if sys.stdin.isatty():
        say("Scan a bar code, or type a SKU and press Enter. Ctrl-C ends it.", err=True)
    try:
        known = scan_in(settings, sys.stdin)
    except OSError as error:
        raise ConfigError(
            f"the table cannot be set in {settings.home}: {error.strerror}"
        ) from error
    except KeyboardInterrupt:
        return EXIT_OK
    return EXIT_OK if known else EXIT_TROUBLE


def _meant(
    settings: Settings, product: int | None, sku: str | None, *, asked: bool
) -> dict[str, str]:
    """Return what is written down of a product that was given; `asked`: if the shop has it.

    Raises:
        UsageError: that is no SKU.
        ConfigError: the shop has no such product, or cannot be asked.
    """
    sku = None if sku is None else sku.strip()
    if sku is not None and not (sku and sku.isprintable()):
        raise click.UsageError("a SKU has letters, and none that cannot be printed")
    if asked:
        _ask_for(settings, product, sku)
    return {"sku": sku} if sku is not None else {"product": str(product)}


def _ask_for(settings: Settings, product: int | None, sku: str | None) -> None:
    from pipeline.opening import address_of

    address = address_of(settings)
    if address is None:
        return  # the local store takes every product, and would only be started for this
    log_to_terminal()  # HTTP comes along, which has a log

    from pipeline.cli.named_product import refuse_unproven

    try:
        refuse_unproven(settings, address, product=product, sku=sku)
    except PipelineError as error:
        raise ConfigError(
            f"{error}. Nothing changed on the table; if it is meant all the same, give --force"
        ) from error


def _options_of_script(flags: dict[str, object], product: int | None, sku: str | None) -> list[str]:
    """Return what the script has to say, since whoever calls it does not see our environment."""
    force = loaded(flags)
    config = flags.get("config")
    home_is_named = force.sources["home"].kind is not SourceKind.DEFAULT
    options = {
        "--home": str(force.settings.home) if home_is_named else None,
        "--config": None if config is None else os.path.abspath(str(config)),  # noqa: PTH100
        "--shop": _shop_of_call(force).removeprefix(TEST_SHOP) or None,
        "--product": product,
        "--sku": sku,
    }
    words = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
    return [*words, *(["--test-shop"] if flags.get("test_shop") else [])]


def _shop_of_call(force: Loaded) -> str:
    """Return the shop that a call names by a flag or the environment; empty where it names none."""
    name = "test_shop" if force.settings.test_shop else "shop"
    if force.sources[name].kind <= SourceKind.FILE:
        return ""
    return TEST_SHOP if force.settings.test_shop else force.settings.shop or ""


def _look_around(flags: dict[str, object]) -> int:
    """Say what will go wrong later, before the first shot.

    Raises:
        ConfigError: the settings are wrong, or the home folder cannot be written.
    """
    from pipeline.opening import address_of, missing_shop

    settings = loaded(flags).settings
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{settings.home} cannot be made: {error.strerror}") from error
    if not os.access(settings.home, os.W_OK | os.X_OK):
        raise ConfigError(f"{settings.home} cannot be written: check its permissions")
    if (missing := missing_shop(settings)) is not None:
        raise ConfigError(missing)
    if address_of(settings) is None:
        from pipeline.report.wording import of_test_shop

        say(f"pipeline: {of_test_shop()}", err=True)
    return EXIT_OK


def _run_in_background(flags: dict[str, object], lock: int | None) -> int:
    from pipeline.service.drain import drain_in_turn
    from pipeline.service.logs import FILE_ALONE, LogObserver, logging_to

    force = loaded(flags)
    settings, shop = force.settings, _shop_of_call(force)
    clock, observer = SystemClock(), LogObserver()
    with (
        logging_to(settings.home, of_shop("background", shop), FILE_ALONE),
        stopping_on_signals(clock, observer.said),
    ):
        try:
            drain_in_turn(settings, clock, observer, lock, shop)
        except PipelineError as error:
            observer.warned(str(error))
            return EXIT_WRONG
    return EXIT_INTERRUPTED if clock.stopping() else EXIT_OK


def _bring_in(
    settings: Settings, noted: Sequence[tuple[str, dict[str, str]]]
) -> tuple[Mapping[str, int], int]:
    """Bring what is noted down into the shop; return how it ended, and the exit status."""
    from pipeline.cli.observing import observing
    from pipeline.cli.report import exit_status_of, print_problems
    from pipeline.report.documents import RunEnd
    from pipeline.report.wording import left_of
    from pipeline.service.drain import bring_in

    clock = SystemClock()
    with (
        observing(settings.home, "hook", plain=True) as observer,
        stopping_on_signals(clock, observer.said),
    ):
        result, run_report = bring_in(settings, clock, observer, noted)
    ending = RunEnd.of(result)
    sums = ending.sums(run_report)
    if (left := left_of(sums, ending)) is not None:
        say(f"pipeline: {left}", err=True)
    if ending.error is not None:
        say(f"pipeline: {ending.error}", err=True)
    elif not ending.interrupted:
        print_problems(run_report, ending, sums, err=True)
    return sums.counts, exit_status_of(sums, ending)
