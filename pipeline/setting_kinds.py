"""What a setting may be given as: a whole number, a number, a switch, a word, texts, a path.

The environment has texts alone, a file has numbers and truth values too, and both mean the same. A
kind is a function that returns the value, or raises `WrongValue` with what would be right.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

__all__ = [
    "Kind",
    "Secret",
    "WrongValue",
    "number",
    "one_of",
    "path",
    "secret",
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

    def read(given: object) -> int:
        value = _whole_number(given)
        if value < least:
            raise WrongValue(f"it should be greater than or equal to {least}")
        if most is not None and value > most:
            raise WrongValue(f"it should be less than or equal to {most}")
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

    def read(given: object) -> float:
        value = _any_number(given)
        # What is no number at all is neither less nor more: so the questions are asked like this.
        if most is not None and not value <= most:
            raise WrongValue(f"it should be less than or equal to {most:g}")
        if below is not None and not value < below:
            raise WrongValue(f"it should be less than {below:g}")
        if least is not None and not value >= least:
            raise WrongValue(f"it should be greater than or equal to {least:g}")
        if above is not None and not value > above:
            raise WrongValue(f"it should be greater than {above:g}")
        return value

    return read


def switch(given: object) -> bool:
    """Return whether something is switched on."""
    if isinstance(given, str):
        word = given.lower()
        if word in _ON or word in _OFF:
            return word in _ON
    elif isinstance(given, bool | int | float):
        if given in (0, 1):
            return bool(given)
    else:
        raise WrongValue("it should be a valid boolean")
    raise WrongValue("it should be a valid boolean, unable to interpret input")


def one_of(words: Sequence[str]) -> Kind:
    """Return the kind of exactly these words; an enumeration of texts gives its members."""
    by_word = {str(word): word for word in words}
    first, last = ", ".join(f"'{word}'" for word in by_word).rsplit(", ", 1)

    def read(given: object) -> str:
        if isinstance(given, str) and given in by_word:
            return by_word[given]
        raise WrongValue(f"it should be {first} or {last}")

    return read


def text(given: object) -> str:
    """Return a text."""
    if isinstance(given, str):
        return given
    raise WrongValue("it should be a valid string")


def texts(given: object) -> tuple[str, ...]:
    """Return several texts: a list, or one text with commas, or lines, between them."""
    if isinstance(given, str):
        given = given.split("\n" if "\n" in given else ",")
    if not isinstance(given, list | tuple):
        raise WrongValue('it should be a list of texts, like ["Rejected/", "*_draft.*"]')
    several = tuple(text(one).strip() for one in given)
    return tuple(one for one in several if one)


def path(given: object) -> Path:
    """Return a path, absolute, with `~` in its place."""
    if isinstance(given, str | os.PathLike):
        return Path(os.path.expanduser(given)).absolute()  # noqa: PTH111
    raise WrongValue("it is not a valid path")


def secret(given: object) -> Secret:
    """Return a text that shows in nothing that is printed."""
    return Secret(text(given))


def _whole_number(given: object) -> int:
    if isinstance(given, int):
        return int(given)
    if isinstance(given, float):
        if not math.isfinite(given):
            raise WrongValue("it should be a finite number")
        if not given.is_integer():
            raise WrongValue("it should be a valid integer, got a number with a fractional part")
        return int(given)
    if not isinstance(given, str):
        raise WrongValue("it should be a valid integer")
    digits, point, behind = given.strip().partition(".")
    # `12.0` is a whole number, as it is one in the file.
    ends_well = digits == digits.rstrip() and behind.strip("0") == "" and bool(behind or not point)
    if not (digits.isascii() and ends_well):
        raise WrongValue("it should be a valid integer, unable to parse string as an integer")
    if len(digits) > _LONGEST:
        raise WrongValue("it is too long for a number")
    try:
        return int(digits)
    except ValueError:
        raise WrongValue(
            "it should be a valid integer, unable to parse string as an integer"
        ) from None


def _any_number(given: object) -> float:
    if isinstance(given, int | float):
        try:
            return float(given)
        except OverflowError:
            return math.inf if given > 0 else -math.inf
    if not isinstance(given, str):
        raise WrongValue("it should be a valid number")
    try:
        if given.isascii():
            return float(given)
    except ValueError:
        pass
    raise WrongValue("it should be a valid number, unable to parse string as a number")
