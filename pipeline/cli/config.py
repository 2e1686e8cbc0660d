"""`pipeline config show`: what is in force, and from where."""

from __future__ import annotations

import click

from pipeline.cli.main import EXIT_OK, common_options
from pipeline.cli.options import json_document, loaded, print_json
from pipeline.cli.terminal import say_styled
from pipeline.setting_kinds import Secret
from pipeline.settings import ENVIRONMENT, SETTINGS, SourceKind

__all__ = ["config"]


@click.group()
def config() -> None:
    """Look at the settings."""


@config.command()
@json_document
@common_options
def show(as_json: bool, **flags: object) -> int:
    """Show every setting, its value and where it came from; the token is masked."""
    force = loaded(flags)
    values = {name: _masked(getattr(force.settings, name)) for name in SETTINGS}
    if as_json:
        document = {
            name: {"value": value, "source": str(force.sources[name])}
            for name, value in values.items()
        }
        print_json(document)
        return EXIT_OK
    widest = max(len(name) for name in values)
    for name, value in values.items():
        source = force.sources[name]
        hint = f"{source}; {ENVIRONMENT[name]}" if source.kind is SourceKind.DEFAULT else source
        shown = _shown(value)
        about = f"  ({hint})  {SETTINGS[name].description}"
        say_styled((f"{name:<{widest}}  {shown:<12}", "plain"), (about, "faint"))
    return EXIT_OK


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "not set" if value is None else str(value)


def _masked(value: object) -> object:
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
