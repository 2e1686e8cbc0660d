"""`pipeline watch`: folders that are watched for months, all the way to the store."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from pipeline.assembly import choice_for
from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import (
    loaded,
    log_options,
    map_option,
    say_aside,
    setting_options,
    shop_options,
)
from pipeline.cli.which import newer_date_option, pattern_options
from pipeline.intake import NewerThan
from pipeline.service.logs import Shown
from pipeline.service.supervisor import watch_always
from pipeline.settings import Settings

__all__ = ["watch"]


@click.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--polling",
    is_flag=True,
    help="Compare listings, instead of having the system tell (on network disks by itself).",
)
@click.option(
    "--check-content",
    is_flag=True,
    help="Read every file once that lies there, also one that earlier runs know by its status.",
)
@map_option
@pattern_options
@newer_date_option
@log_options
@setting_options
@shop_options
@common_options
def watch(
    folders: Sequence[Path],
    polling: bool,
    check_content: bool,
    map_files: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    newer_than: NewerThan | None,
    shown: Shown,
    **flags: object,
) -> int:
    """Watch folders, and bring every photograph that is put there into the shop.

    Goes on until it is stopped (Ctrl-C), and then ends with 0. The settings are read again when
    their file changes, or on SIGHUP. There is one watcher a home folder; `pipeline status` tells
    how it does.
    """
    config = flags.get("config")
    if sys.stderr.isatty():
        say_aside("Ctrl-C ends the watcher; what is not finished goes on at its next start.")
    watch_always(
        tuple(dict.fromkeys(Path(os.path.abspath(folder)) for folder in folders)),  # noqa: PTH100
        partial(_read, dict(flags), tuple(Path(os.path.abspath(file)) for file in map_files)),  # noqa: PTH100
        config if isinstance(config, Path) else None,
        choice_for=partial(choice_for, include=include, exclude=exclude, newer_than=newer_than),
        polling=polling,
        check_content=check_content,
        shown=shown,
    )
    return EXIT_OK


def _read(flags: dict[str, object], map_files: tuple[Path, ...]) -> Settings:
    """Return the settings in force; the shop stays the one that was in use at the first time.

    `pipeline shop use` means the commands that follow: what lies in a watched folder is not sent
    to another shop by it.
    """
    settings = loaded(flags).settings
    if settings.shop is not None and not settings.test_shop:
        flags["shop"] = settings.shop
    return replace(settings, map_files=map_files)
