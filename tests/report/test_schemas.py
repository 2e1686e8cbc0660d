"""What the JSON of each command holds: its version, and its JSON Schema (draft 2020-12)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator, ValidationError

from pipeline.cli.main import commands
from pipeline.engine.differences import Kind
from pipeline.left_out import By
from pipeline.lifecycle import Reason, State
from pipeline.report.documents import Outcome
from pipeline.report.schemas import (
    VERSIONS,
    Document,
    commands_of,
    document_named,
    schema_of,
    versioned,
)
from pipeline.settings import SETTINGS
from pipeline.values import ImageFormat, Meeting
from tests.json_documents import check_document


def objects(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Return every part of a schema that describes an object with keys."""
    if isinstance(schema, list):
        for one in schema:
            yield from objects(one)
    elif isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and "type" in schema:
            yield schema
        for one in schema.values():
            yield from objects(one)


@pytest.mark.parametrize("kind", Document)
def test_every_schema_is_one_and_says_of_every_key_what_it_is(kind: Document) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["description"].endswith(".")
    found = list(objects(schema))
    assert found
    assert all(one["additionalProperties"] is False for one in objects(schema_of(kind, exact=True)))
    for one in found:
        assert "additionalProperties" not in one, "a later version may add a key"
        assert set(one["required"]) <= set(one["properties"])
        for key, about in one["properties"].items():
            sentence = about.get("description", "")
            assert sentence[:1].strip(), f"{kind}: {key} is not described"
            assert sentence.endswith("."), f"{kind}: {key}: {sentence}"
    # It needs no other file.
    for name in json.dumps(schema).split('"#/$defs/')[1:]:
        assert name.partition('"')[0] in schema["$defs"]


@pytest.mark.parametrize("kind", Document)
def test_every_document_says_its_version_first(kind: Document) -> None:
    schema = schema_of(kind)
    one = schema["items"] if schema["type"] == "array" else schema
    assert one["properties"]["version"]["const"] == VERSIONS[kind]
    assert next(iter(one["properties"])) == one["required"][0] == "version"
    assert next(iter(versioned(kind, {"a": 1}).items())) == ("version", VERSIONS[kind])


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (State, ("list", "state")),
        (Reason, ("list", "reason")),
        (Outcome, ("run", "outcome")),
        (ImageFormat, ("run", "format")),
    ],
)
def test_the_words_of_a_schema_are_those_of_the_program(
    words: type[StrEnum], where: tuple[str, str]
) -> None:
    kind, name = where
    assert schema_of(Document(kind))["$defs"][name]["enum"] == list(words)


def test_the_words_and_keys_that_stand_for_one_thing_alone_are_those_of_the_program() -> None:
    known = schema_of(Document.RUN)["$defs"]
    assert set(known["left_out"]["properties"]["by"]["enum"]) == set(By)
    assert list(known["met"]["properties"]) == list(Meeting)
    assert set(known["outcomes"]["properties"]) == {"found", *Outcome}
    difference = schema_of(Document.VERIFY)["items"]["properties"]
    assert difference["kind"]["enum"] == list(Kind)
    states = schema_of(Document.STATUS)["$defs"]["states"]["properties"]
    assert set(states) == {*State, "not_for_upload"}
    assert list(schema_of(Document.SETTINGS)["properties"]) == ["version", *SETTINGS]


def test_every_command_that_prints_json_has_a_schema() -> None:
    printing = set()

    def look(words: tuple[str, ...], command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                look((*words, name), found)
        elif any("--json" in one.opts for one in command.params):
            printing.add(" ".join(words))

    look((), commands)
    described = [words for kind in Document for words in commands_of(kind)]
    assert len(set(described)) == len(described)
    assert printing == set(described)
    for kind in Document:
        assert document_named(kind) is kind
        assert all(document_named(words) is kind for words in commands_of(kind))
    assert document_named("nonsense") is None


def test_a_key_that_nobody_described_is_found() -> None:
    check_document(["ledger", "check", "--json"], '{"version": 1, "whole": true, "problems": []}')
    for wrong in (
        '{"version": 1, "whole": true, "problems": [], "more": 1}',
        '{"whole": true, "problems": []}',
        '{"version": 2, "whole": true, "problems": []}',
        '{"version": 1, "whole": "yes", "problems": []}',
    ):
        with pytest.raises(AssertionError):
            check_document(["ledger", "check", "--json"], wrong)


def test_a_document_may_leave_out_only_what_its_schema_lets_it() -> None:
    judge = Draft202012Validator(schema_of(Document.LOG))
    line = {"version": 1, "at": "2026-11-28T09:00:00.000+00:00", "level": "info", "command": "run"}
    line["message"] = "a"
    judge.validate(line)
    judge.validate({**line, "logger": "urllib3"})
    del line["message"]
    with pytest.raises(ValidationError):
        judge.validate(line)
