"""`pipeline schema`: what the JSON of each command holds, as a JSON Schema."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from pipeline.report.schemas import Document, commands_of, schema_of
from tests.cli.conftest import Studio


def test_without_a_name_all_are_named_with_the_commands_that_print_them(studio: Studio) -> None:
    lines = studio.pipeline("schema").well().out.splitlines()
    assert [line.split()[0] for line in lines] == list(Document)
    for line, kind in zip(lines, Document, strict=True):
        assert all(f"pipeline {words}" in line for words in commands_of(kind))


@pytest.mark.parametrize("words", ["run", "resume", "list", "images list", "images", "config show"])
def test_a_schema_is_printed_by_its_name_and_by_its_command(studio: Studio, words: str) -> None:
    printed = studio.pipeline("schema", *words.split()).well().document
    Draft202012Validator.check_schema(printed)
    assert printed in [schema_of(kind) for kind in Document]
    assert words == "images" or f"`pipeline {words} --json`" in printed["description"]


def test_what_has_no_schema_is_told_with_those_that_there_are(studio: Studio) -> None:
    asked = studio.pipeline("schema", "store")
    assert asked.status == 2
    assert "run, list, history" in asked.err


def test_a_document_of_a_real_command_is_what_the_printed_schema_says(studio: Studio) -> None:
    for words in (
        ("list",),
        ("status",),
        ("history", studio.stored),
        ("images", "list", "158"),
        ("doctor",),
        ("ledger", "check"),
        ("config", "show"),
    ):
        name = words[:2] if words[0] in ("images", "ledger", "config") else words[:1]
        schema = studio.pipeline("schema", *name).well().document
        Draft202012Validator(schema).validate(studio.pipeline(*words, "--json").document)
