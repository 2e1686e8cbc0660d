"""`pipeline plan`, its file, and `run --plan`: what is shown first, and then done just so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from pipeline.assembly import choice_for, client_for
from pipeline.cli.options import loaded, say_aside
from pipeline.cli.saved_plans import SavedPlan, asked_of, changes_since, settings_digest
from pipeline.errors import ConfigError
from pipeline.intake import scan
from pipeline.service.clock import SystemClock
from pipeline.service.embedded_store import store_in_force
from pipeline.settings import SETTINGS, Settings
from pipeline.values import Door
from pipeline.wording import encodable, shown

__all__ = ["plan_options"]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

_ASKED: Final = ("product", "sku", "include", "exclude", "mirror", "impose_main")
"""Options that say what is done; a plan keeps them beside its paths and maps."""

_NOT_SAVED: Final = ("newer_than", "limit", "listed")


def plan_options(command: _Decorated) -> _Decorated:
    """Add --plan and --save; the command is told where its plan is to be saved."""

    @wraps(command)
    def called(*args: object, plan: Path | None, save: Path | None, **others: Any) -> object:
        if plan is not None:
            return command(*args, **_from_plan(plan, others), save=None)
        if save is None:
            return command(*args, **others, save=None)
        return command(*args, **others, save=_saved(save, others))

    for option in (
        click.option(
            "--save",
            type=click.Path(path_type=Path, dir_okay=False),
            help="With --dry-run: keep what is shown in this file, for `pipeline run --plan`.",
        ),
        click.option(
            "--plan",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Do what this file of `pipeline plan --save` says, or nothing where anything has "
            "changed since.",
        ),
    ):
        called = option(called)
    return cast(_Decorated, called)


def _saved(file: Path, options: Mapping[str, Any]) -> SavedPlan:
    if not options["dry_run"]:
        raise click.UsageError("--save keeps what a dry run shows: give --dry-run, too")
    if options["quiet"] or any(options[name] not in (None, False) for name in _NOT_SAVED):
        raise click.UsageError(
            "a plan is shown, and of whole files and folders: leave out --quiet, --newer-than, "
            "--limit and --files-from"
        )
    settings = _settings(options)
    paths = [Path(one).absolute() for one in options["paths"]]
    asked = {
        "paths": [encodable(path) for path in paths],
        "map_files": [encodable(Path(one).absolute()) for one in options["map_files"]],
        **{name: options[name] for name in _ASKED},
    }
    return SavedPlan(
        file.absolute(), asked, settings_digest(settings), partial(_paths, settings, options, paths)
    )


def _from_plan(file: Path, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options with which a plan is carried out, once nothing has changed since.

    Raises:
        UsageError: something is asked for beside it.
        ConfigError: it is no plan, or something has changed.
    """
    if options["paths"] or options["dry_run"] or any(options[name] for name in _NOT_SAVED):
        raise click.UsageError("--plan says which files and how: leave out all of that")
    asked = asked_of(file)
    merged = {
        **options,
        **{name: asked[name] for name in _ASKED},
        "paths": tuple(Path(one) for one in asked["paths"]),
        "map_files": tuple(Path(one) for one in asked["map_files"]),
    }
    settings = _settings(merged)
    with store_in_force(settings, say=say_aside, scratch=True) as store:
        client = client_for(settings, store.address)
        changed = changes_since(
            file,
            store.address,
            settings_digest(settings),
            client.images_of_products,
            client.product_names,
            _paths(settings, merged, merged["paths"]),
        )
    if changed:
        listed = "".join(f"\n  {one}" for one in changed)
        raise ConfigError(
            f"nothing was done, for something has changed since {shown(file)} was made:{listed}\n"
            "`pipeline plan --save` makes another one"
        )
    return merged


def _settings(options: Mapping[str, Any]) -> Settings:
    flags = {
        name: value
        for name, value in options.items()
        if name in (*SETTINGS, "config") and name not in ("include", "exclude")
    }
    return replace(loaded(flags).settings, map_files=tuple(options["map_files"]))


def _paths(settings: Settings, options: Mapping[str, Any], paths: Sequence[Path]) -> Iterator[Path]:
    choice = choice_for(settings, include=options["include"], exclude=options["exclude"])
    found = scan(paths, door=Door.RUN, now=SystemClock().now(), choice=choice)
    return (arrival.path for arrival in found)
