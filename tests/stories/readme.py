"""What stands in README.md to be typed: its blocks, its commands, and what cannot be run here."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pipeline.cli.description import described
from tests.forkserver import ROOT

__all__ = [
    "LANGUAGES",
    "NOT_RUN",
    "UNTIL_CTRL_C",
    "Block",
    "blocks",
    "spans",
    "statements",
    "wrong",
]

LANGUAGES: Final = {"sh", "toml", "json", "text"}
"""Every block says which it is: those in `sh` are run, the others are not to be typed."""

NOT_RUN: Final = {
    "pipeline login": "asks a person for a token, and tries it at a real shop",
    "pipeline shop add": "needs a real shop",
    "pipeline shop use": "needs a real shop",
    "pipeline run --shop": "needs a real shop",
    "pipeline service install": "would change what this machine starts",
    "pipeline service remove": "would change what this machine starts",
    "python3 -m venv .venv && .venv/bin/pip install -q '.[test]'": "this very suite",
    "loginctl": "would change what this machine starts",
}
"""What is only held to the options that its command takes, by how it begins, each with a reason."""

UNTIL_CTRL_C: Final = ("pipeline watch", "pipeline store", "pipeline logs --follow")
"""What goes on until it is stopped."""


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: where it begins, what it says it is, and what is in it."""

    line: int
    language: str
    text: str


def blocks(text: str | None = None) -> Iterator[Block]:
    """Return all blocks of README.md, or of a text like it."""
    begun: list[str] | None = None
    language, at = "", 0
    lines = ((ROOT / "README.md").read_text("utf-8") if text is None else text).splitlines()
    for number, line in enumerate(lines, start=1):
        if line.startswith("```"):
            if begun is None:
                begun, language, at = [], line[3:].strip(), number
            else:
                yield Block(at, language, "\n".join(begun))
                begun = None
        elif begun is not None:
            begun.append(line)


def spans(text: str | None = None) -> list[str]:
    """Return what stands between backquotes outside of blocks, in README.md or a text like it."""
    text = (ROOT / "README.md").read_text("utf-8") if text is None else text
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`]+)`", outside)]


def statements(text: str) -> Iterator[str]:
    """Return the commands of a block, each whole, without what is said of it behind #."""
    held = ""
    for line in text.splitlines():
        held = f"{held}\n{line}" if held else line
        try:
            words = shlex.split(held, comments=True)
        except ValueError:
            continue  # a quote is open
        if held.rstrip().endswith("\\"):
            continue
        if words:
            yield re.sub(r"\s+# .*$", "", held, flags=re.MULTILINE).strip()
        held = ""
    assert not held, f"this has no end: {held}"


@cache
def _table() -> dict[str, Any]:
    return described()


def wrong(command: str) -> str | None:
    """Say what is wrong with a call of `pipeline` that people are told of; None: nothing is.

    Words in capitals, in brackets or with an ellipsis stand for something; `check|backup` is both.
    """
    words = _words(command)
    path = ""
    while words and _table()[path]["commands"]:
        name, *rest = words
        if name.startswith("-") or (path and _stands_for_something(name)):
            break
        names = name.split("|")
        for one in names:
            if one not in _table()[path]["commands"]:
                return f"`{command}`: there is no `pipeline {path} {one}`".replace("  ", " ")
        path, words = f"{path} {names[0]}".strip(), rest
        if len(names) > 1:
            return None
    return _wrong_options(command, path, words)


def _wrong_options(command: str, path: str, words: list[str]) -> str | None:
    options = {name: one for one in _table()[path]["options"] for name in one["names"]}
    given = 0
    while words:
        word, *words = words
        name, equals, _ = word.partition("=")
        if word == "--":
            return None
        if not word.startswith("-") or word == "-":
            given += 1
        elif name not in options:
            return f"`{command}`: `pipeline {path}` takes no {name}"
        elif options[name]["value"] and not equals:
            if not words:
                return f"`{command}`: {name} wants a value"
            words = words[1:]
    arguments = _table()[path]["arguments"]
    if given > len(arguments) and not any(one["many"] for one in arguments):
        return f"`{command}`: `pipeline {path}` takes {len(arguments)} arguments"
    return None


def _words(command: str) -> list[str]:
    """Return the words behind the command's name, up to where the shell has a say."""
    words = shlex.split(command, comments=True)
    calls = [at for at, word in enumerate(words) if word.rpartition("/")[2] == "pipeline"]
    words = words[calls[0] + 1 :] if calls else []
    ends = [at for at, word in enumerate(words) if word in ("&&", "||", "|", ">", "<", ";", ">>")]
    return words[: min(ends, default=len(words))]


def _stands_for_something(word: str) -> bool:
    return word[:1] in "[…" or word.strip("[]….").isupper()
