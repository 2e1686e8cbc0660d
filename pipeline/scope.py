"""What a command was given to work on, besides what arrives through it while it works."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["EVERYTHING", "HOOK_ONLY", "NOTHING", "Scope"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which photographs that an earlier process left unfinished a process goes on with.

    Attributes:
        roots: absolute paths; what lies below one of them, or is one of them.
        hook: also what a hook noted down.
        everything: all, whatever the others say.
    """

    roots: tuple[Path, ...] = ()
    hook: bool = False
    everything: bool = False

    @classmethod
    def of(cls, paths: Iterable[Path], *, hook: bool = False) -> Scope:
        """Return the scope of a command that was given these files and folders."""
        # As a scan names what it finds: without `..`, and no link resolved.
        roots = tuple(Path(os.path.abspath(path)) for path in paths)  # noqa: PTH100
        return cls(roots=roots, hook=hook)

    def holds(self, path: Path) -> bool:
        """Whether a photograph at this absolute path is within it, not asking for the hook's."""
        return self.everything or any(path.is_relative_to(root) for root in self.roots)


NOTHING: Final = Scope()
"""Nothing but what arrives."""

HOOK_ONLY: Final = Scope(hook=True)
"""What a hook noted down."""

EVERYTHING: Final = Scope(everything=True)
"""Whatever was left unfinished."""
