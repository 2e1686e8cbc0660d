"""What is said where a command cannot do what it was asked: a sentence, and a document with --json.

Whoever asked for JSON gets JSON on standard output, also of a wrong call; the sentence goes to
standard error as ever.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from pipeline.cli.terminal import say, say_json
from pipeline.report.failures import Code, code_of, error_document
from pipeline.report.schemas import Document, versioned

__all__ = ["tell_error", "tell_failure"]


def tell_error(error: BaseException, sentence: str | None = None) -> None:
    """Say that an error ended the command, to whoever called it.

    Args:
        error: what ended it.
        sentence: what is said of it, where that is more than the error's own text.
    """
    sentence = str(error) if sentence is None else sentence
    tell_failure([f"pipeline: {sentence}"], sentence, code_of(error))


def tell_failure(lines: Sequence[str], sentence: str, code: Code) -> None:
    """Say why the command could not do what it was asked.

    Args:
        lines: for people, on standard error.
        sentence: of the document that a program gets, where it asked for one.
        code: why, as a word for programs.
    """
    for line in lines:
        say(line, err=True)
    if _json_wanted(sys.argv[1:]):
        document = versioned(Document.ERROR, error_document(sentence, code))
        # On one line: what is read line by line stays so.
        say_json(json.dumps(document, ensure_ascii=False))


def _json_wanted(words: Sequence[str]) -> bool:
    """Return whether a call asks for JSON, also one that is so wrong that no option is known."""
    before = words[: words.index("--")] if "--" in words else words
    return "--json" in before
