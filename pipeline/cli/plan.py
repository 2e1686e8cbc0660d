"""`pipeline plan`: what a run would do, product by product, and nothing is done."""

from __future__ import annotations

from typing import Any, Final

import click

from pipeline.cli.run import run

__all__ = ["plan"]

_GIVEN: Final = {"dry_run": True, "verify": False, "yes": False, "plan": None}
"""What a plan has no option for."""


def _plan(**options: Any) -> Any:
    assert run.callback is not None  # noqa: S101 - that is what a command is
    return run.callback(**options, **_GIVEN)


plan: Final = click.Command(
    "plan",
    params=[one for one in run.params if one.name not in _GIVEN],
    callback=_plan,
    help="""Show what `pipeline run` would do with PATHS, product by product, and do nothing.

    Every picture is made and none is sent (the same as `pipeline run --dry-run`). Of each product
    it is shown which pictures are new, in which order the shop will show all of them, which becomes
    the main one, and with --mirror what is deleted and which words change; then how many requests
    that takes, and how long by what the shop allows. --save keeps it in a file, and
    `pipeline run --plan` does just that, or nothing where the shop or a file has changed since.
    """,
)
