"""Where the value of a setting came from, by weight: flag over environment over file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto

__all__ = ["Source", "SourceKind"]


class SourceKind(IntEnum):
    """Where a setting's value may come from; what counts more comes later."""

    DEFAULT = auto()
    KEYRING = auto()
    FILE = auto()
    ENVIRONMENT = auto()
    FLAG = auto()


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from; `detail` is the file, the variable's name, or the flag."""

    kind: SourceKind
    detail: str = ""

    def __str__(self) -> str:
        """Return it in words, as a sentence or a table names it."""
        match self.kind:
            case SourceKind.ENVIRONMENT:
                return f"environment variable {self.detail}"
            case SourceKind.FLAG:
                return f"flag {self.detail}"
            case SourceKind.FILE:
                return self.detail
            case SourceKind.KEYRING:
                return "the keyring"
            case SourceKind.DEFAULT:
                return "default"
