from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from pipeline import refusals
from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.refusals import Damage, cannot_fit, checked_size
from pipeline.values import Limits


def test_of_many_attempts_the_first_and_the_last_two_are_said() -> None:
    refused = cannot_fit("it", Limits(), list("abcde"))
    assert refused.reason is Reason.CANNOT_FIT
    assert str(refused) == "it cannot be brought under 1,000,000 bytes: tried a; b; c; d; e"
    assert str(cannot_fit("it", Limits(), list("abcdefg"))).endswith("tried a; b; 3 more; f; g")


GIVEN = {
    "what": "this", "mend": "do that", "limits": Limits(), "tried": ["JPEG"], "size": 10,
    "most_bytes": 9, "width": 70_000, "height": 70_000, "error": OSError(5, "Input/output error"),
    "needed": 2_000_000, "allowed": 1_000_000, "seconds": 120.0, "status": -11, "sku": "SM-13",
    "code": "SM-13", "mpn": "SM-13",
    "name": "SM", "products": {13, 14}, "said": "broken data stream",
    "folder": "SM-13", "by_folder": {13}, "by_name": {14},
    "clauses": ["its folder says SM-20", "its name says SM-13"], "source": "the map shots.csv",
    "doubt": "row 2 of the map shots.csv may mean this file or blue/1.jpg", "one": "SM-13",
    "another": "SM-14", "base": "SM", "readings": ["SM_1", "SM/1"], "near": ["SM-31", "SM-14"],
}  # fmt: skip

REFUSALS = {
    name: function
    for name in refusals.__all__
    if (function := getattr(refusals, name)) not in (checked_size, Damage)
}


def refused(name: str) -> PhotoRefused:
    taken = inspect.signature(REFUSALS[name]).parameters
    made = REFUSALS[name](**{one: GIVEN[one] for one in taken})
    assert isinstance(made, PhotoRefused)
    return made


@pytest.mark.parametrize("name", REFUSALS)
def test_a_sentence_says_what_is_wrong_and_what_mends_it_in_one_line(name: str) -> None:
    sentence = str(refused(name))
    assert sentence.isprintable()
    assert ": " in sentence or " (" in sentence
    assert not sentence.endswith(".")
    assert sentence[0].islower() or sentence.startswith("SM")


def test_no_two_refusals_say_the_same() -> None:
    sentences = [str(refused(name)) for name in REFUSALS]
    assert len(set(sentences)) == len(sentences)


def test_a_sentence_stands_nowhere_else() -> None:
    """What makes a refusal by itself, with words of its own, would be the second to say it."""
    room = Path(refusals.__file__).parent
    elsewhere = [
        f"{file.relative_to(room)}:{node.lineno}"
        for file in room.rglob("*.py")
        if file.name not in ("refusals.py", "errors.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("PhotoRefused", "ProductUnknown")
        and any(isinstance(said, ast.Constant | ast.JoinedStr) for said in node.args)
    ]
    assert elsewhere == []


def test_what_several_formats_suffer_from_is_said_in_the_same_words() -> None:
    said = [
        node.args[0].value
        for file in Path(refusals.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "damaged"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert [clause for clause in said if said.count(clause) > 1 or clause in set(Damage)] == []


def test_a_size_is_kept_to_the_limits_before_anything_is_decoded() -> None:
    assert checked_size(6000, 4000, Limits()) == (6000, 4000)
    with pytest.raises(PhotoRefused) as too_many:
        checked_size(1 << 20, 1 << 20, Limits())
    assert too_many.value.reason is Reason.TOO_MANY_PIXELS
    with pytest.raises(PhotoRefused) as none:
        checked_size(0, 10, Limits())
    assert none.value.reason is Reason.DAMAGED
