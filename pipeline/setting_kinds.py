"""What a setting may be given as: a whole number, a number, a switch, a word, texts, a path.

The environment has texts alone, a file has numbers and truth values too, and both mean the same. A
kind is a function that returns the value, or raises `WrongValue` with what would be right.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from pipeline.alt_text import unknown_fields

__all__ = [
    "Kind",
    "Secret",
    "Setting",
    "WrongValue",
    "about",
    "form",
    "meanings",
    "number",
    "one_of",
    "path",
    "secret",
    "several_of",
    "switch",
    "text",
    "texts",
    "whole",
]

_ON: Final = ("1", "on", "t", "true", "y", "yes")
_OFF: Final = ("0", "off", "f", "false", "n", "no")

_LONGEST: Final = 4300
"""Digits of a number, as Python has it too: beyond that reading one takes longer and longer."""


class WrongValue(Exception):
    """A value that a setting cannot have; says what it should be, and never shows it."""


Kind: TypeAlias = Callable[[object], object]


class Secret:
    """A text that shows in nothing that is printed."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret('••••••••')"

    def __str__(self) -> str:
        return "••••••••"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text


def whole(least: int, most: int | None = None) -> Kind:
    """Return the kind of whole numbers from `least` to `most`, both included."""
    bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"

    def read(given: object) -> int:
        value = _whole_number(given)
        if value is None or value < least or (most is not None and value > most):
            raise WrongValue(f"it should be a whole number {bounds}")
        return value

    return read


def number(
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
) -> Kind:
    """Return the kind of numbers between limits: `least` and `most` are included."""
    bounds = [
        *([f"{least:g} or more"] if least is not None else []),
        *([f"more than {above:g}"] if above is not None else []),
        *([f"{most:g} at most"] if most is not None else []),
        *([f"less than {below:g}"] if below is not None else []),
    ]

    def read(given: object) -> float:
        value = _any_number(given)
        # What is no number at all is neither less nor more: so the questions are asked like this.
        if (
            value is not None
            and (most is None or value <= most)
            and (below is None or value < below)
            and (least is None or value >= least)
            and (above is None or value > above)
        ):
            return value
        raise WrongValue(f"it should be a number, {' and '.join(bounds)}")

    return read


def switch(given: object) -> bool:
    """Return whether something is switched on."""
    if isinstance(given, str) and (word := given.lower()) in (*_ON, *_OFF):
        return word in _ON
    if isinstance(given, bool | int | float) and given in (0, 1):
        return bool(given)
    raise WrongValue("it should be true or false")


def one_of(words: Sequence[str]) -> Kind:
    """Return the kind of exactly these words; an enumeration of texts gives its members."""
    by_word = {str(word): word for word in words}
    first, last = ", ".join(by_word).rsplit(", ", 1)

    def read(given: object) -> str:
        if isinstance(given, str) and given in by_word:
            return by_word[given]
        raise WrongValue(f"it should be {first} or {last}")

    return read


def several_of(words: Sequence[str]) -> Kind:
    """Return the kind of some of these words, each once at most, in any order."""
    by_word = {str(word): word for word in words}

    def read(given: object) -> tuple[str, ...]:
        several = texts(given)
        if not all(one in by_word for one in several) or len(set(several)) < len(several):
            raise WrongValue(f"it should be some of {', '.join(by_word)}, each once at most")
        return tuple(by_word[one] for one in several)

    return read


def form(fields: Sequence[str]) -> Kind:
    """Return the kind of a text in which some of these fields may stand, in braces."""
    known = ", ".join(f"{{{one}}}" for one in fields)

    def read(given: object) -> str:
        words = text(given)
        try:
            unknown = unknown_fields(words, fields)
        except ValueError as error:
            raise WrongValue(f"in braces there may be {known}, and nothing else") from error
        if unknown:
            raise WrongValue(f"there is no {{{unknown[0]}}}, but {known}")
        return words

    return read


def text(given: object) -> str:
    """Return a text."""
    if isinstance(given, str):
        return given
    raise WrongValue("it should be a text, in quotation marks")


def texts(given: object) -> tuple[str, ...]:
    """Return several texts: a list, or one text with commas, or lines, between them."""
    if isinstance(given, str):
        given = given.split("\n" if "\n" in given else ",")
    if not isinstance(given, list | tuple) or not all(isinstance(one, str) for one in given):
        raise WrongValue('it should be a list of texts, like ["Rejected/", "*_draft.*"]')
    several = tuple(one.strip() for one in given)
    return tuple(one for one in several if one)


def meanings(given: object) -> tuple[str, ...]:
    """Return several texts that each say what a word means, as `WORD=MEANING`."""
    several = texts(given)
    for one in several:
        word, found, meaning = one.partition("=")
        if not (found and word.strip() and meaning.strip()):
            raise WrongValue(f"{one!r} should be a word and what it means, with = between them")
    return several


def path(given: object) -> Path:
    """Return a path, absolute, with `~` in its place."""
    if isinstance(given, str | os.PathLike):
        return Path(os.path.expanduser(given)).absolute()  # noqa: PTH111
    raise WrongValue("it should be the path of a file, in quotation marks")


def secret(given: object) -> Secret:
    """Return a text that shows in nothing that is printed."""
    return Secret(text(given))


def _whole_number(given: object) -> int | None:
    if isinstance(given, int):
        return int(given)
    if isinstance(given, float):
        return int(given) if math.isfinite(given) and given.is_integer() else None
    if not isinstance(given, str):
        return None
    digits, point, behind = given.strip().partition(".")
    # `12.0` is a whole number, as it is one in the file.
    ends_well = digits == digits.rstrip() and behind.strip("0") == "" and bool(behind or not point)
    if not (digits.isascii() and ends_well and len(digits) <= _LONGEST):
        return None
    try:
        return int(digits)
    except ValueError:
        return None


def _any_number(given: object) -> float | None:
    if isinstance(given, int | float):
        try:
            return float(given)
        except OverflowError:
            return math.inf if given > 0 else -math.inf
    try:
        return float(given) if isinstance(given, str) and given.isascii() else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What people and programs need to know of a setting besides its value."""

    description: str
    kind: Kind

    example: object
    """A value that is right, shown where one is wrong."""


def about(
    description: str,
    kind: Kind,
    *,
    default: object = None,
    made: Callable[[], Any] | None = None,
    example: object = None,
) -> Any:
    """Return a field of the settings: what it is for, what it may be, and what it is by itself."""
    example = default if example is None else example
    told = {"": Setting(description=description, kind=kind, example=example)}
    if made is not None:
        return field(default_factory=made, metadata=told)
    return field(default=default, metadata=told)
