"""`pipeline retry`: take up again what stands aside; the next run goes on with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from pipeline.assembly import ledger_for
from pipeline.cli.main import EXIT_OK, EXIT_TROUBLE, common_options
from pipeline.cli.options import loaded
from pipeline.lifecycle import State
from pipeline.service.clock import SystemClock
from pipeline.service.embedded_store import store_in_force
from pipeline.values import Door
from pipeline.wording import shown

__all__ = ["retry"]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--failed", "all_failed", is_flag=True, help="Every photograph that failed.")
@common_options
def retry(files: Sequence[Path], all_failed: bool, **flags: object) -> int:
    """Take up again refused, failed, waiting or removed photographs.

    They are only made due: `pipeline run` on them does the work.
    """
    if not files and not all_failed:
        raise click.UsageError("name files, or give --failed")
    settings = loaded(flags).settings
    missed = False
    clock = SystemClock()
    with (
        store_in_force(settings, say=lambda sentence: None) as store,
        ledger_for(settings, store.address, clock, Door.RUN) as ledger,
    ):
        photos = list(ledger.photos(State.FAILED)) if all_failed else []
        for file in files:
            found = list(ledger.at_path(file.absolute()))
            if not found:
                click.echo(f"pipeline: the ledger knows nothing of {shown(file)}", err=True)
                missed = True
            photos += found
        for photo in photos:
            again = ledger.retry(photo.id)
            word = "is due again" if again else f"is {photo.state}: nothing to take up"
            click.echo(f"{shown(photo.path)} {word}")
    return EXIT_TROUBLE if missed else EXIT_OK
