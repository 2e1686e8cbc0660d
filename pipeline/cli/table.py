"""`pipeline table`: say which product is being shot."""

from __future__ import annotations

import click

from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import loaded
from pipeline.errors import ConfigError
from pipeline.hook.inbox import clear_current_product, current_product, set_current_product

__all__ = ["table"]


@click.command()
@click.argument("sku", required=False)
@click.option("--product", type=click.IntRange(min=1), help="A product id instead of a SKU.")
@click.option("--clear", is_flag=True, help="Nothing is on the table any more.")
@common_options
def table(sku: str | None, product: int | None, clear: bool, **flags: object) -> int:
    """Say what is on the table: the shots that the hook notes down from now on belong to it.

    Without a SKU it tells what is there. It counts after a product that a shot is called with,
    and before the names of folders and files.
    """
    if (sku is not None) + (product is not None) + clear > 1:
        raise click.UsageError("give a SKU, or --product, or --clear")
    home = str(loaded(flags).settings.home)
    try:
        if clear:
            clear_current_product(home)
        elif product is not None:
            set_current_product(home, {"product": str(product)})
        elif sku is not None:
            if not sku.strip() or not sku.isprintable():
                raise click.UsageError("a SKU has letters, and none that cannot be printed")
            set_current_product(home, {"sku": sku.strip()})
    except OSError as error:
        raise ConfigError(f"the table cannot be set in {home}: {error.strerror}") from error
    current = current_product(home)
    if "product" in current:
        click.echo(f"On the table: product {current['product']}")
    elif "sku" in current:
        click.echo(f"On the table: {current['sku']}")
    else:
        click.echo("Nothing is on the table.")
    return EXIT_OK
