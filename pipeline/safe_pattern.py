"""Regular expressions of people's own: taken only where they end in good time over every name.

Python's engine goes back and tries again: for what repeats within what repeats it does so without
end, and so it does for many parts after one another that can take the same signs. Such are not
taken, before any name is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

from pipeline.setting_kinds import WrongValue

# What `re` itself parses with; it has no other name.
_parser: Any = getattr(re, "_parser")  # noqa: B009

__all__ = ["GROUPS", "LONGEST_NAME", "WrongPattern", "checked_pattern", "pattern_given"]

GROUPS: Final = ("product_id", "sku", "gtin", "order", "view", "description")
_PRODUCT: Final = ("sku", "gtin", "product_id")

LONGEST_NAME: Final = 200
"""Signs; a longer name is not held against a pattern (most file systems take 255)."""

MOST_TRIES: Final = 8 * LONGEST_NAME**2
"""Over a name that does not fit, at most; each goes over the name once, so that it is a second
where everything comes together."""

END: Final = ""
"""Stands among signs for the end of the name."""

_ASCII: Final = frozenset(map(chr, range(128)))
_ANY: Final = _ASCII | {"é"}
"""The signs by which parts are compared, one for all beyond ASCII among them."""

_CATEGORIES: Final = {"DIGIT": r"[0-9]", "SPACE": r"\s", "WORD": r"[A-Za-z0-9_]"}


class WrongPattern(Exception):
    """A pattern that is not taken; the sentence says why."""


def checked_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern for file names, ready to be held against them.

    Raises:
        WrongPattern: it is no regular expression, has no group that says the product or one that
            nobody knows, or might take for ever.
    """
    try:
        compiled = re.compile(pattern)
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise WrongPattern(f"it is no regular expression ({error})") from None
    strange = sorted(set(compiled.groupindex) - set(GROUPS))
    if strange:
        raise WrongPattern(f"it has a group {strange[0]}; known are {', '.join(GROUPS)}")
    if not set(compiled.groupindex) & set(_PRODUCT):
        raise WrongPattern(
            "none of its groups says the product: write (?P<sku>…), (?P<gtin>…) or "
            "(?P<product_id>…)"
        )
    if _tries(list(parsed), follows=frozenset({END})) > MOST_TRIES:
        raise WrongPattern(
            "too many of its parts can take the same signs, so that it might take for ever over "
            "some name: put a sign between them that they cannot take, as in [^_]+_[0-9]+"
        )
    return compiled


def pattern_given(given: object) -> str:
    """Return a pattern as a setting may have it."""
    if not isinstance(given, str):
        raise WrongValue("it should be a text, in quotation marks")
    try:
        checked_pattern(given)
    except WrongPattern as error:
        raise WrongValue(str(error)) from None
    return given


def _tries(parts: Sequence[Any], *, follows: frozenset[str]) -> int:
    """Return how often parts may be tried anew over one name, at most.

    `follows`: the signs with which begins what comes after them.
    """
    return reduce(
        lambda tries, at: tries * _tries_of(*parts[at], follows=_first(parts[at + 1 :], follows)),
        range(len(parts)),
        1,
    )


def _tries_of(kind: object, value: Any, *, follows: frozenset[str]) -> int:
    match str(kind):
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = int(value[0]), int(value[1]), list(value[2])
            if most > 1 and not _is_simple(body):
                raise WrongPattern(
                    "in it something repeats within what repeats, so that it might take for ever "
                    "over some name: write each part so that it repeats by itself"
                )
            is_open = bool(_first(body, frozenset()) & follows)
            times = min(most, LONGEST_NAME) - min(least, LONGEST_NAME) + 1 if is_open else 1
            return max(times, 1) * _tries(body, follows=follows)
        case "SUBPATTERN":
            return _tries(list(value[-1]), follows=follows)
        case "BRANCH":
            branches = [_tries(list(branch), follows=follows) for branch in value[1]]
            return len(branches) * max(branches)
        case "GROUPREF" | "GROUPREF_EXISTS" | "ASSERT" | "ASSERT_NOT" | "ATOMIC_GROUP":
            raise WrongPattern(
                "it refers to what it found, or looks ahead or behind, which is not taken here"
            )
    return 1


def _is_simple(body: Iterable[Any]) -> bool:
    """Whether what repeats is always equally long, and can be read in one way only."""
    for kind, value in body:
        name = str(kind)
        if name == "SUBPATTERN":
            if not _is_simple(value[-1]):
                return False
        elif name not in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY"):
            return False
    return True


def _first(parts: Iterable[Any], follows: frozenset[str]) -> frozenset[str]:
    """Return the signs with which parts may begin; where they may be empty, what follows, too."""
    signs: frozenset[str] = frozenset()
    for kind, value in parts:
        match str(kind):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                begins = _first(value[2], frozenset({END}))
                begins |= frozenset({END}) if value[0] == 0 else frozenset()
            case "SUBPATTERN":
                begins = _first(value[-1], frozenset({END}))
            case "BRANCH":
                some = (_first(branch, frozenset({END})) for branch in value[1])
                begins = frozenset[str]().union(*some)
            case "AT":
                begins = frozenset({END})
            case name:
                begins = _signs(name, value)
        signs |= begins - {END}
        if END not in begins:
            return signs
    return signs | follows


def _signs(name: str, value: Any) -> frozenset[str]:
    match name:
        case "LITERAL":
            return frozenset({chr(value)}) & _ANY or _ANY - _ASCII
        case "NOT_LITERAL":
            return _ANY - {chr(value)}
        case "RANGE":
            within = frozenset(sign for sign in _ASCII if value[0] <= ord(sign) <= value[1])
            return within | (_ANY - _ASCII if value[1] > 127 else frozenset())
        case "CATEGORY":
            return _category(str(value))
        case "IN":
            return _class(value)
    return _ANY


def _category(category: str) -> frozenset[str]:
    """Return the signs of `CATEGORY_DIGIT` and the like; those beyond ASCII may be of any."""
    kind = category.removeprefix("CATEGORY_").removeprefix("NOT_")
    within = frozenset(sign for sign in _ASCII if re.fullmatch(_CATEGORIES[kind], sign))
    found = _ASCII - within if "_NOT_" in category else within
    return found | (_ANY - _ASCII)


def _class(items: Sequence[Any]) -> frozenset[str]:
    negated = bool(items) and str(items[0][0]) == "NEGATE"
    signs = frozenset[str]().union(
        *(_signs(str(kind), value) for kind, value in items if str(kind) != "NEGATE")
    )
    # Beyond ASCII it is not looked at which they are.
    return (_ASCII - signs) | (_ANY - _ASCII) if negated else signs
