"""What the JSON of each command holds: its version, and its JSON Schema (draft 2020-12).

`schemas.json` says of every key what it is. It is written without what follows by itself: that each
is always there (but for those under `optional`), the version, and the settings, which `settings.py`
describes. `extends` takes over the keys of a definition. A later version may add keys: so the
schemas that programs get allow others, and only those that our own documents are held to do not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

__all__ = ["VERSIONS", "Document", "commands_of", "document_named", "schema_of", "versioned"]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_FILE: Final = Path(__file__).with_name("schemas.json")

_TYPES: Final = {"int": "integer", "float": "number", "bool": "boolean", "None": "null"}
"""Of settings' values; all others are texts, and tuples are arrays of texts."""


class Document(StrEnum):
    """A kind of document that a command prints for programs."""

    RUN = "run"
    LIST = "list"
    HISTORY = "history"
    STATUS = "status"
    VERIFY = "verify"
    IMAGE = "image"
    IMAGES = "images"
    SHOPS = "shops"
    NAMES = "names"
    ASSIGN = "assign"
    MISSING = "missing"
    ARRANGE = "arrange"
    REPORT = "report"
    PULL = "pull"
    DOCTOR = "doctor"
    CHECK = "check"
    DROP = "drop"
    RETRY = "retry"
    DELETED = "deleted"
    REBUILD = "rebuild"
    BATCHES = "batches"
    SETTINGS = "settings"
    LOG = "log"
    TABLE = "table"
    HOOK = "hook"
    SERVICE = "service"
    ERROR = "error"


VERSIONS: Final[Mapping[Document, int]] = MappingProxyType(dict.fromkeys(Document, 1))
"""Goes up where a key goes, or means something else. A new key is no reason: who reads a document
passes over those that it does not know."""


def versioned(kind: Document, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document, or one object of a list of them, with its version as the first key."""
    return {"version": VERSIONS[kind], **document}


def commands_of(kind: Document) -> tuple[str, ...]:
    """Return the commands that print a document of this kind with --json."""
    return tuple(_source()["documents"][kind]["commands"])


def document_named(words: str) -> Document | None:
    """Return the kind that has this name, or that the command of this name prints, if any."""
    if words in Document.__members__.values():
        return Document(words)
    return next((kind for kind in Document if words in commands_of(kind)), None)


def schema_of(kind: Document, *, exact: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a kind of document, whole in itself.

    Args:
        kind: of document.
        exact: no key besides is allowed. Else there may be more: a later version's.
    """
    source = _source()
    about = dict(source["documents"][kind])
    commands = " or ".join(f"`pipeline {words} --json`" for words in about.pop("commands"))
    about["description"] = f"Of {commands or 'any command'}. {about['description']}"
    holder = about["items"] if about["type"] == "array" else about
    if kind is Document.SETTINGS:
        holder["properties"] = dict(_settings())
    version = {
        "description": "Goes up where a key of this document goes, or means something else.",
        "const": VERSIONS[kind],
    }
    whole = _whole(about, source["$defs"], exact=exact)
    holder = whole["items"] if whole["type"] == "array" else whole
    holder["properties"] = {"version": version, **holder["properties"]}
    holder["required"] = ["version", *holder["required"]]
    known = {
        name: _whole(one, source["$defs"], exact=exact) for name, one in source["$defs"].items()
    }
    used = _used(whole, known)
    kept = {name: one for name, one in known.items() if name in used}
    return {"$schema": DRAFT, **whole, **({"$defs": kept} if kept else {})}


def _source() -> Any:
    return json.loads(_FILE.read_text("utf-8"))


def _whole(about: Any, known: Mapping[str, Any], *, exact: bool) -> Any:
    """Return a part of a schema with what follows by itself; `properties` are made of both."""
    if isinstance(about, list):
        return [_whole(one, known, exact=exact) for one in about]
    if not isinstance(about, dict):
        return about
    said = dict(about)
    optional = said.pop("optional", ())
    if "properties" not in said:
        return {name: _whole(value, known, exact=exact) for name, value in said.items()}
    base = known[said.pop("extends")]["properties"] if "extends" in said else {}
    properties = {**base, **said.pop("properties")}
    return {
        **said,
        "properties": {name: _whole(one, known, exact=exact) for name, one in properties.items()},
        "required": [name for name in properties if name not in optional],
        **({"additionalProperties": False} if exact else {}),
    }


def _used(whole: object, known: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the definitions that a schema needs, through one another too."""
    found: set[str] = set()
    wanted = _references(whole)
    while wanted - found:
        found |= wanted
        wanted = frozenset().union(*(_references(known[name]) for name in found))
    return frozenset(found)


def _references(whole: object) -> frozenset[str]:
    return frozenset(re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(whole)))


def _settings() -> Iterator[tuple[str, dict[str, Any]]]:
    from pipeline.settings import SETTINGS, Settings

    types = {one.name: str(one.type) for one in fields(Settings)}
    for name, setting in SETTINGS.items():
        value = _type_of(types[name])
        yield (
            name,
            {
                "description": f"{setting.description[0].upper()}{setting.description[1:]}.",
                "type": "object",
                "properties": {
                    "value": {"description": "What is in force; the token is masked.", **value},
                    "source": {
                        "description": "Where the value came from, for people.",
                        "type": "string",
                    },
                },
            },
        )


def _type_of(annotation: str) -> dict[str, Any]:
    """Return what JSON has for the value of a setting that is annotated so."""
    if annotation.startswith("tuple"):
        return {"type": "array", "items": {"type": "string"}}
    types = [_TYPES.get(part.strip(), "string") for part in annotation.split("|")]
    return {"type": types if len(types) > 1 else types[0]}
