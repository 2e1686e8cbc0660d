"""The README of the local store tells of every switch, every fault and every route."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from pipeline.localstore.faults.rules import FAULT_KINDS, FaultRule
from pipeline.localstore.quirks import Quirks
from tests.forkserver import ROOT
from tests.localstore.process import DESCRIPTION

README = (ROOT / "pipeline/localstore/README.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, str]:
    """The rows of a section's first table, by the name in their first column."""
    section = re.split(r"^## ", README, flags=re.MULTILINE)
    [text] = [part for part in section if part.startswith(heading + "\n")]
    return {
        found[1]: line
        for line in text.splitlines()
        if (found := re.match(r"\| `([^`]+)` \|", line))
    }


def test_every_quirk_stands_there_with_its_values_the_default_first() -> None:
    told = rows("Quirks")
    assert list(told) == [quirk.name for quirk in fields(Quirks)]
    for quirk in fields(Quirks):
        values = quirk.metadata["values"] or (quirk.default,)
        column = told[quirk.name].split("|")[2]
        assert re.findall(r"`([^`]+)`", column) == list(values)


def test_every_kind_of_fault_stands_there_with_its_words() -> None:
    told = rows("Faults")
    assert list(told) == list(FAULT_KINDS)
    for kind, words in FAULT_KINDS.items():
        for name, allowed in words.items():
            missing = [word for word in (name, *allowed) if f"`{word}`" not in told[kind]]
            assert not missing, f"{kind} is not told of {missing}"


@pytest.mark.parametrize("field", [one.name for one in fields(FaultRule)])
def test_every_field_of_a_rule_stands_there(field: str) -> None:
    assert f"`{field}`" in README.partition("## Faults")[2].partition("\n## ")[0]


def test_every_field_of_an_image_stands_there() -> None:
    about = README.partition("## An image")[2].partition("\n## ")[0]
    for name in DESCRIPTION["components"]["schemas"]["ShownImage"]["properties"]:
        assert f"`{name}`" in about
