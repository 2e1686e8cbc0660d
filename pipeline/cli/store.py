"""`pipeline store`: the local store in the foreground, for looking, rehearsing and testing."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import loaded, say_aside
from pipeline.cli.terminal import say
from pipeline.errors import ConfigError
from pipeline.home import LOCAL_STORE_FOLDER, closed_sentence
from pipeline.localstore import (
    READ_ONLY_TOKEN_VARIABLE,
    TOKEN_VARIABLE,
    LocalStoreError,
    RunningStore,
    StoreOptions,
    close_folder,
    described_quirks,
    named_quirks,
    running_store,
    serve,
)

__all__ = ["store"]

LINGERING_SECONDS: Final = 5.0
"""How long a store may take to end after the last run that used it."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8158, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option(
    "--allow-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Answer under this name as well, besides the address, localhost, 127.0.0.1 and [::1]; "
    "repeatable. Under any other name it answers 403.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of its data (default: local-store in the home folder).",
)
@click.option(
    "--token",
    help=f"The X-Auth-Token that it takes; better by the environment, {TOKEN_VARIABLE}, as others "
    "on this machine can see a command's options (default: one of its own, kept in its data). "
    f"{READ_ONLY_TOKEN_VARIABLE} names a second one, without the scope for changes.",
)
@click.option(
    "--plan",
    type=click.Choice(["standard", "plus", "pro", "unlimited"]),
    default="standard",
    help="Whose rate limit it keeps.",
)
@click.option(
    "--profile",
    type=click.Choice(["reference", "current"]),
    default="reference",
    help="Upload limits: 1 MB as in the reference, or 8 MB.",
)
@click.option(
    "--catalogue",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV of its products: id, sku, name, and product_id in a variant's row.",
)
@click.option(
    "--open/--closed",
    "open_catalogue",
    default=None,
    help="Whether any product that is asked for comes into being (default: only where there is "
    "no --catalogue).",
)
@click.option(
    "--quirk",
    "quirks",
    multiple=True,
    metavar="NAME=VALUE",
    help="Behave otherwise; repeatable. --quirk help lists them.",
)
@common_options
def store(
    port: int,
    host: str,
    allowed_hosts: Sequence[str],
    data: Path | None,
    token: str | None,
    plan: str,
    profile: str,
    catalogue: Path | None,
    open_catalogue: bool | None,
    quirks: Sequence[str],
    **flags: object,
) -> int:
    """Run the test shop until Ctrl-C; a browser shows its products and pictures."""
    if "help" in quirks:
        say("NAME=VALUE, the value that is in force by itself first:")
        for line in ("", *described_quirks()):
            say(line)
        return EXIT_OK
    settings = loaded(flags).settings
    folder = data or settings.home / LOCAL_STORE_FOLDER
    if running := _still_running(folder):
        raise ConfigError(f"the test shop in {folder} runs already: {running.page}")
    options = StoreOptions(
        data=folder,
        host=host,
        port=port,
        token=token or os.environ.get(TOKEN_VARIABLE) or None,
        read_only_token=os.environ.get(READ_ONLY_TOKEN_VARIABLE) or None,
        plan=plan,
        profile=profile,
        catalogue=catalogue,
        open_catalogue=catalogue is None if open_catalogue is None else open_catalogue,
        quirks=_quirks(quirks),
        allowed_hosts=allowed_hosts,
    )
    if closed := close_folder(folder):
        say_aside(f"pipeline: {closed_sentence(str(folder), closed)}")
    try:
        serve(options, lambda answering: _announce(answering, folder, named=options.token))
    except LocalStoreError as error:
        raise ConfigError(f"the test shop does not start: {error}") from error
    return EXIT_OK


def _still_running(folder: Path) -> RunningStore | None:
    """Return the store that serves the folder; one that a run has just let go of ends by itself."""
    deadline = time.monotonic() + LINGERING_SECONDS
    while (running := running_store(folder)) is not None and time.monotonic() < deadline:
        time.sleep(0.2)
    return running


def _announce(answering: RunningStore, folder: Path, *, named: str | None) -> None:
    say(f"The test shop answers at {answering.url}")
    say(f"Look at it:        {answering.page}")
    say(f"Its data is in     {folder}")
    if named is None:
        say(f"Its X-Auth-Token:  {answering.token}")
    say("Other programs (and pipeline run, with another home) reach it by")
    say(f"  PIPELINE_STORE_URL={answering.url} BIGCOMMERCE_ACCESS_TOKEN=<its token>")
    say("Ctrl-C ends it; its pictures stay.")


def _quirks(given: Sequence[str]) -> dict[str, str]:
    try:
        return named_quirks(given)
    except LocalStoreError as error:
        raise click.BadParameter(str(error), param_hint="--quirk") from None
