"""Every JSON document that a command prints in this suite is held to its schema.

What the command says of itself must be whole: a key that `pipeline/report/schemas.json` does not
describe is a mistake, and so is one that is missing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from pipeline.report.schemas import Document, document_named, schema_of

__all__ = ["check_document", "document_of"]

_ERROR: Final = {"version", "error", "error_code"}
"""Keys of what a command prints that could not do what it was asked, whatever that was."""

MOST_LOOKED_AT: Final = 500
"""Objects of one array: each is made by the same code, and some stories have thousands."""


def document_of(words: Sequence[str]) -> Document | None:
    """Return the kind of document that a call of the command prints, if any."""
    if "--json" not in words:
        return None
    return document_named(" ".join(words[:2])) or document_named(words[0])


def check_document(words: Sequence[str], printed: str) -> None:
    """Hold what a call of the command printed to its schema; a call that printed nothing is fine.

    Raises:
        AssertionError: it is not what the schema says.
    """
    kind = document_of(words)
    if kind is None or not printed or "--help" in words:
        return
    if kind is Document.LOG and not printed.startswith('{"version": 1, "error"'):
        found: Any = [json.loads(line) for line in printed.splitlines()]
        documents = found
    else:
        found = json.loads(printed)
        if isinstance(found, dict) and set(found) == _ERROR:
            kind = Document.ERROR
        documents = found if schema_of(kind)["type"] == "array" else [found]
    assert documents is not found or isinstance(found, list), printed[:200]
    for document in documents[:MOST_LOOKED_AT]:
        for error in _validator(kind).iter_errors(document):
            raise AssertionError(
                f"`pipeline {words[0]} --json`: {error.json_path}: {error.message[:300]} "
                "(every key stands, with a sentence, in pipeline/report/schemas.json)"
            )


@cache
def _validator(kind: Document) -> Validator:
    """Return what judges one object of a kind of document."""
    schema = schema_of(kind, exact=True)
    Draft202012Validator.check_schema(schema)
    if schema["type"] == "array":
        schema = {**schema["items"], "$defs": schema.get("$defs", {})}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
