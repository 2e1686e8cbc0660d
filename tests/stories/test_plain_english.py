"""What people read is plain English: no word of the program's makers, by whatever way it comes.

The helps of all commands and options, and what commands print, are walked where they are kept
golden; the sentences of the source, in its texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

OURS = re.compile(
    r"\b(ledgers?|spool(s|ed)?|intents?|reconcil\w+|idempoten\w+|claim(s|ed)?|parked|adopt(s|ed)?|"
    r"inbox|enqueue\w*|dequeue\w*|daemon|local store|"
    r"[Tt]he store(?! hash)('s)?|[Aa] store(?! hash)('s)?)\b"
)
"""Words that only the makers know; `defect` and the like are found by reading."""

A_COMMAND = re.compile(r"pipeline (ledger|store)\b|^  (ledger|store)  .*?(?=[A-Z])|^usage.*", re.M)
"""There a command is named, which is called so."""

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.txt"))

SENTENCES = [
    *sorted((ROOT / "pipeline").glob("*.py")),
    *(
        file
        for room in (
            "cli",
            "engine",
            "formats",
            "hook",
            "intake",
            "ledger",
            "prepare",
            "report",
            "service",
            "upload",
            "validate",
            "workers",
        )
        for file in sorted((ROOT / "pipeline" / room).rglob("*.py"))
    ),
]


def words_of_makers(text: str) -> list[str]:
    return [found[0] for found in OURS.finditer(A_COMMAND.sub("", text))]


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: str(file.name))
def test_no_help_and_no_output_says_a_word_that_only_its_makers_know(file: Path) -> None:
    if file.name == "fault_points.txt":
        pytest.skip("names of places in the program, which a test makes fail")
    found = {
        f"{number}: {line}"
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if words_of_makers(line)
    }
    assert not found


@pytest.mark.parametrize("file", SENTENCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_sentence_says_a_word_that_only_its_makers_know(file: Path) -> None:
    found = [
        f"{line}: {text}"
        for line, text in sentences(ast.parse(file.read_text("utf-8")))
        if words_of_makers(text)
    ]
    assert not found


def sentences(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts with three words or more, but for SQL and what explains the code."""
    silent = set(_explanations(module))
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node) if part is not node}
            parts = (one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
            text = "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) not in silent and len(text.split()) > 2 and not SQL.search(text):
            yield node.lineno, text


SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE|PRAGMA|AND|ORDER BY)\b|\b[a-z]\.[a-z_]+ ="
)


def _explanations(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else ():
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                yield id(one.value)


def test_the_words_are_found_where_they_are_and_a_command_may_be_called_so() -> None:
    assert words_of_makers("the ledger knows nothing of it; the store's claim is parked") == [
        "ledger",
        "the store's",
        "claim",
        "parked",
    ]
    assert not words_of_makers("see `pipeline ledger rebuild`, or the test shop (pipeline store)")
