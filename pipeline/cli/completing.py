"""What may come next on a command line: told to a shell, which asks at each Tab.

It is asked again and again, by whoever has a hand on a key: Click and the commands are not loaded,
`commands.json` says what they take. Nothing is ever written, and trouble means no answer.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["VARIABLE", "Answer", "answer", "answers"]

VARIABLE: Final = "_PIPELINE_COMPLETE"
"""Set where a shell asks; its value is the shell's name."""

WORDS: Final = "_PIPELINE_WORDS"
"""The words, a line each, of a shell that cannot hand over an empty one."""

MOST: Final = 100
"""Answers of one kind: more are no help to anybody."""

_TABLE: Final = os.path.join(os.path.dirname(__file__), "commands.json")  # noqa: PTH118, PTH120

_MOMENTS: Final = ("today", "yesterday", "2h", "3d", "1w")


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that may come next.

    Attributes:
        kind: `value`; or `file` or `folder`, where the shell looks for those itself.
        value: the whole word.
        about: what it is, in a few words.
    """

    kind: str
    value: str = ""
    about: str = ""


def answer(arguments: Sequence[str]) -> None:
    """Print what may come next, a line each: kind, word and what it is, with tabs between.

    Args:
        arguments: the words behind the command's name up to the cursor, the last one in part.
    """
    words = os.environ[WORDS].split("\n") if WORDS in os.environ else list(arguments)
    try:
        lines = [
            f"{one.kind}\t{one.value or '-'}\t{one.about}"
            for one in answers(words)
            if (one.value + one.about).isprintable()
        ]
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except Exception:
        return


def answers(words: Sequence[str]) -> Iterator[Answer]:
    """Return what may come next behind words, the last of which is there in part."""
    with open(_TABLE, encoding="utf-8") as file:  # noqa: PTH123
        table = json.load(file)
    *before, part = _joined(words) or [""]
    place = _Place(table, before)
    if place.wanted is not None:
        yield from place.values(place.wanted, part)
    elif part.startswith("-") and not place.only_arguments:
        name, equals, begun = part.partition("=")
        option = place.option(name)
        if equals and option is not None and option["value"]:
            for one in place.values(option["value"], begun):
                yield Answer(one.kind, f"{name}={one.value}" if one.value else "", one.about)
        else:
            yield from place.options(part)
    else:
        yield from place.next_words(part)


def _joined(words: Sequence[str]) -> list[str]:
    """Return the words without what bash splits off (`--state`, `=`, `failed`), or quotes open."""
    found: list[str] = []
    for word in words:
        if word == "=" and found and found[-1].startswith("--"):
            continue
        found.append(word)
    if words and words[-1] == "=":
        found.append("")
    if found and found[-1][:1] in ("'", '"'):
        found[-1] = found[-1][1:]
    return found


class _Place:
    """Where on the command line the cursor is: in which command, and behind what."""

    def __init__(self, table: Mapping[str, Any], before: Sequence[str]) -> None:
        self._table = table
        self._path = ""
        self._arguments = 0
        self._given: dict[str, str] = {}
        self.only_arguments = False
        self.wanted: Mapping[str, Any] | None = None
        """What the value is that the option before the cursor takes, if one does."""
        name = ""
        for word in before:
            if self.wanted is not None:
                self._given[name], self.wanted = word, None
            elif self.only_arguments or not word.startswith("-") or word == "-":
                self._step(word)
            elif word == "--":
                self.only_arguments = True
            else:
                name, equals, value = word.partition("=")
                self._given[name] = value
                option = self.option(name)
                self.wanted = option["value"] if option is not None and not equals else None

    @property
    def _command(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._table[self._path]
        return found

    def _step(self, word: str) -> None:
        if word in self._command["commands"]:
            self._path = f"{self._path} {word}".strip()
        else:
            self._arguments += 1

    def option(self, name: str) -> Mapping[str, Any] | None:
        """Return the option of this command that has the name, if one has."""
        return next((one for one in self._command["options"] if name in one["names"]), None)

    def options(self, part: str) -> Iterator[Answer]:
        """Return the options whose names begin so."""
        for one in self._command["options"]:
            for name in one["names"]:
                if name.startswith("--") and name.startswith(part):
                    yield Answer("value", name, one["about"])

    def next_words(self, part: str) -> Iterator[Answer]:
        """Return the commands, or the values of the argument that is next."""
        for name in self._command["commands"]:
            if name.startswith(part):
                about = self._table[f"{self._path} {name}".strip()]["about"]
                yield Answer("value", name, about)
        arguments = self._command["arguments"]
        if arguments:
            last = len(arguments) - 1
            at = min(self._arguments, last)
            if self._arguments <= last or arguments[last]["many"]:
                yield from self.values(arguments[at]["value"], part)

    def values(self, wanted: Mapping[str, Any], part: str) -> Iterator[Answer]:
        """Return the values of an option or an argument that begin so."""
        kind = wanted["kind"]
        if kind in ("file", "folder"):
            yield Answer(kind)
        elif kind == "choice":
            begun = part.casefold()
            for value in wanted["of"]:
                if value.casefold().startswith(begun):
                    yield Answer("value", value)
        elif kind == "moment":
            yield from (Answer("value", one) for one in _MOMENTS if one.startswith(part))
        elif kind == "shop":
            yield from (Answer("value", one) for one in self._shops() if one.startswith(part))
        elif kind in ("sku", "product", "name"):
            yield from self._of_ledger(kind, part)

    @property
    def _home(self) -> str:
        from pipeline.home import home_given

        return home_given(self._given.get("--home"))

    def _shops(self) -> list[str]:
        """Return the names of the shops in the settings file."""
        import tomllib

        own = os.path.join(self._home, "pipeline.toml")  # noqa: PTH118
        try:
            with open(self._given.get("--config") or own, "rb") as file:  # noqa: PTH123
                shops = tomllib.load(file).get("shops", {})
        except (OSError, ValueError):
            return []
        return sorted(map(str, shops))[:MOST] if isinstance(shops, dict) else []

    def _of_ledger(self, kind: str, part: str) -> Iterator[Answer]:
        from pipeline.glance import products_beginning, skus_beginning
        from pipeline.home import LEDGER_FILE

        file = os.path.join(self._home, LEDGER_FILE)  # noqa: PTH118
        if kind in ("product", "name") and part.isdecimal():
            for product, sku in products_beginning(file, part, MOST):
                yield Answer("value", str(product), sku)
        if kind != "product" or not part.isdecimal():
            for sku, product in skus_beginning(file, part, MOST):
                yield Answer("value", sku, f"product {product}")
        if kind == "name":
            yield Answer("file")
