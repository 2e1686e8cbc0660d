"""What is wrong with a text that is no TOML, in the words of whoever wrote it.

No value is ever shown, and nothing that may be one: an access token may stand anywhere in it.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

__all__ = ["shown_name", "toml_trouble"]

_NAME: Final = re.compile(r"[A-Za-z0-9_-]+(\s*\.\s*[A-Za-z0-9_-]+)*")
"""A name as TOML has it without quotation marks, with dots between those of tables."""

_LONGEST_NAME: Final = 24
"""Letters of a name that is shown: a token has more, and no setting has so many."""

_NUMBER_MEANT: Final = re.compile(r"[+-]?\d[\d_.,' ]*(\s*[A-Za-z%]{1,3})?")
_SWITCH_MEANT: Final = frozenset({"yes", "no", "on", "off", "true", "false"})
_CURLY: Final = frozenset("“”„‟‘’‚«»")

_LOOKED_BACK: Final = 200
"""Lines above the one where the parser stopped, in which a statement may have begun."""


def shown_name(name: str) -> str:
    """Return a name as it may be shown: in its place may stand a token, which is longer."""
    short = all(len(word) <= _LONGEST_NAME for word in re.split(r"[\s.]+", name))
    return name if short and _NAME.fullmatch(name) else "name"


def toml_trouble(text: str, error: Exception) -> str:
    """Say which line is wrong, what is wrong with it, and how it would be right.

    Args:
        text: the whole of the file.
        error: what the parser said of it.
    """
    lines = text.split("\n")
    begun = _where_it_begins(lines, _line_of(error, len(lines)))
    return f"line {begun + 1}: {_trouble(lines[begun].strip(), _is_twice(lines, begun))}"


def _line_of(error: Exception, number: int) -> int:
    """Return the line at which the parser stopped, counted from 0."""
    found = re.search(r"at line (\d+)", str(error))
    return min(int(found[1]), number) - 1 if found else number - 1


def _where_it_begins(lines: list[str], stopped: int) -> int:
    """Return the line where the statement begins that the parser did not get through.

    What is open to the end (a list, a text of several lines) is noticed below it.
    """
    for begun in range(stopped, max(-1, stopped - _LOOKED_BACK), -1):
        if lines[begun].strip() and _is_toml(lines[:begun]):
            return begun
    return stopped


def _is_toml(lines: list[str]) -> bool:
    try:
        tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True


def _is_twice(lines: list[str], begun: int) -> bool:
    """Whether a line is wrong only since something above it says the same."""
    return _is_toml([lines[begun]])


def _trouble(line: str, twice: bool) -> str:
    if line.startswith("["):
        return _of_table(line, twice)
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        return _without_equals(line)
    if _NAME.fullmatch(name) is None:
        return (
            "a name is made of letters, digits, - and _, without blanks and quotation marks; then "
            'comes = and the value, as in uploads = 16 or recipe = "best"'
        )
    shown = shown_name(name)
    if twice:
        return f"{shown} is set above already, or something else has its name: keep one of them"
    return _of_value(shown, value)


def _of_table(line: str, twice: bool) -> str:
    name = shown_name(line.strip("[] \t"))
    if twice:
        return f"[{name}] stands there twice, or is a value above: keep one of them"
    if "]" not in line:
        return f"the ] at the end is missing: [{name}]"
    return "a line that begins with [ names a table, and nothing else stands in it: [shops.main]"


def _without_equals(line: str) -> str:
    first = re.split(r"[\s:]", line, maxsplit=1)[0]
    name = shown_name(first) if _NAME.fullmatch(first) and first != line else "name"
    return f"between a name and its value stands an equals sign: {name} = …"


def _of_value(name: str, value: str) -> str:
    """Say what is wrong with the value of a setting, by how it begins."""
    if not value or value.startswith("#"):
        return f'{name} has no value: behind = comes a number, true, false, or a text: {name} = "…"'
    if _CURLY & set(value[:1]):
        return f'{name} has curly quotation marks: it needs straight ones: {name} = "…"'
    if value[0] in "\"'":
        return _of_quoted(name, value)
    if value[0] in "[{":
        end = {"[": "]", "{": "}"}[value[0]]
        return (
            f"the list of {name} is not right: each text in quotation marks, commas between them, "
            f'and {end} at the end: {name} = ["…", "…"]'
        )
    word = value.partition("#")[0].strip()
    if word.lower() in _SWITCH_MEANT:
        return f"{name} is true or false, in small letters: {name} = true"
    if _NUMBER_MEANT.fullmatch(word):
        return (
            f"a number is written with digits alone, without a unit, and with a point for a "
            f"fraction; a text needs quotation marks: {name} = 1000000, {name} = 0.5, "
            f'or {name} = "…"'
        )
    return f'{name} needs quotation marks: {name} = "…"'


def _of_quoted(name: str, value: str) -> str:
    quote = value[0]
    if quote == '"' and "\\" in value:
        return (
            f"a text with \\ in it stands in single quotation marks: {name} = '…' (or write \\\\ "
            "for each of them)"
        )
    if value.startswith(quote * 3):
        return f"the quotation marks at the end of {name} are missing: {quote * 3}"
    if quote not in value[1:]:
        return f"the quotation mark at the end is missing: {name} = {quote}…{quote}"
    return (
        f"{name} has one text in quotation marks, and nothing behind it but a comment (#): "
        f'{name} = "…"; several stand in a list: ["…", "…"]'
    )
