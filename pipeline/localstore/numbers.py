"""Whole numbers in addresses and queries: of any size, and told apart where they are of use."""

from __future__ import annotations

from typing import Final

from starlette.convertors import Convertor, register_url_convertor

from pipeline.localstore.errors import NOT_A_WHOLE_NUMBER, ApiError

__all__ = ["IN_PATH", "whole_number"]

BEYOND: Final = 2**31
"""No page, no id and no count is as large: a larger number is none of them, like this one."""

IN_PATH: Final = "number"
"""How the routes call such a number; Starlette's own `int` stumbles over thousands of digits."""


def whole_number(text: str, field: str) -> int:
    """Return a whole number of a query, `BEYOND` for any that is larger.

    Raises:
        ApiError: it is none.
    """
    digits = text.removeprefix("-")
    # Not `int` alone, which also takes blanks, underscores and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()):
        raise ApiError(422, f"{field} is not a whole number", {field: NOT_A_WHOLE_NUMBER})
    value = _bounded(digits)
    return -value if text.startswith("-") else value


def _bounded(digits: str) -> int:
    digits = digits.lstrip("0")
    return min(int(digits or "0"), BEYOND) if len(digits) <= 10 else BEYOND


class _InPath(Convertor[int]):
    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        return _bounded(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor(IN_PATH, _InPath())
