"""`pipeline schema`: what the JSON of each command holds, as a JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from pipeline.cli.main import EXIT_OK
from pipeline.cli.terminal import say, say_json
from pipeline.report.schemas import VERSIONS, Document, commands_of, document_named, schema_of

__all__ = ["schema"]


@click.command()
@click.argument("name", nargs=-1)
def schema(name: Sequence[str]) -> int:
    """Print the JSON Schema of what a command prints with --json.

    NAME is a document's name, or the command's: run, list, images list. Without NAME all of them
    are named. The schema is of draft 2020-12, and whole in itself.
    """
    if not name:
        for kind in Document:
            commands = ", ".join(f"pipeline {words}" for words in commands_of(kind))
            commands = commands or "any command that could not do what it was asked"
            say(f"{kind:<9} version {VERSIONS[kind]}  {commands}")
        return EXIT_OK
    words = " ".join(name)
    found = document_named(words)
    if found is None:
        raise click.UsageError(f"there is no schema of that name; there are {', '.join(Document)}")
    say_json(json.dumps(schema_of(found), indent=2, ensure_ascii=False))
    return EXIT_OK
