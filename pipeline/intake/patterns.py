"""Patterns as in `.gitignore`, asked of one name in one folder after the other.

What each sign of a pattern means is translated by `pathspec`. How patterns work together is here:
as in Git, a folder is asked before what is in it, and the last pattern that fits decides
(https://git-scm.com/docs/gitignore).
"""

from __future__ import annotations

import re
import sys
import unicodedata
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["Patterns", "text_of"]

IGNORES_CASE: Final = sys.platform in ("win32", "darwin")
"""Whether the disks of this system do not tell `a.jpg` from `A.JPG`: Git goes by that as well."""

_PLAIN: Final = re.compile(r"[\w@+(),. -]*[\w@+(),.-]")
"""Names without a sign that means something: for these alone nobody waits for `pathspec`."""

_ABOVE: Final = "ps_d"
"""The group that `pathspec` sets where a folder above was meant, and not the path itself."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    excludes: bool
    folders_only: bool
    name: str | None
    regex: re.Pattern[str] | None

    def fits(self, path: str, name: str) -> bool:
        if self.regex is None:
            return name == self.name
        match = self.regex.match(path)
        return match is not None and match.groupdict().get(_ABOVE) is None


class Patterns:
    """Some patterns, in their order."""

    def __init__(self, lines: Iterable[str], *, ignore_case: bool = IGNORES_CASE) -> None:
        """Read them; what is no pattern (a comment, an empty line) fits nothing, as in Git.

        Args:
            lines: a pattern each, without the end of the line.
            ignore_case: `A` fits `a`.
        """
        self._ignore_case = ignore_case
        read = (_read(line, ignore_case) for line in lines)
        # The last one that fits decides.
        self._patterns = tuple(one for one in read if one is not None)[::-1]
        self.folders_only = all(one.folders_only for one in self._patterns)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._patterns)

    def verdict(self, path: str, *, folder: bool) -> bool | None:
        """Return whether a file or folder is meant; None where no pattern speaks of it.

        A folder above it may be meant all the same: that is asked before.

        Args:
            path: from the folder to which the patterns belong, with `/` between the names.
            folder: it is a folder.
        """
        if not path.isascii():
            # macOS writes an accent behind its letter, people and patterns mostly do not.
            path = unicodedata.normalize("NFC", path)
        name = path.rpartition("/")[2]
        if self._ignore_case:
            name = name.casefold()
        for one in self._patterns:
            if (folder or not one.folders_only) and one.fits(path, name):
                return one.excludes
        return None


def text_of(content: bytes) -> str:
    """Return the text of a file that people write: UTF-8, or UTF-16 where it begins so."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):  # Windows' own programs write it like this
        return content.decode("utf-16", "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")


def _read(line: str, ignore_case: bool) -> _Pattern | None:
    text = _without_spaces(unicodedata.normalize("NFC", line))
    if text.startswith("#"):
        return None
    excludes = not text.startswith("!")
    text = text.removeprefix("!")
    # Asked for here: a path is asked as it is, and never for what lies above it.
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        name = text.casefold() if ignore_case else text
        return _Pattern(excludes, folders_only, name, None)
    regex = _translated(text, ignore_case)
    return None if regex is None else _Pattern(excludes, folders_only, None, regex)


def _translated(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    """Return the regular expression of a pattern; None where it can fit nothing."""
    # Whoever has no such pattern does not wait for it to load.
    from pathspec.patterns.gitignore.base import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    if pattern[0] in "#!":
        pattern = f"\\{pattern}"  # what would mean something there has been read by now
    try:
        regex = GitIgnoreSpecPattern.pattern_to_regex(pattern)[0]
        if regex is None:
            return None
        with warnings.catch_warnings():  # of signs that may mean something to Python one day
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
    except (GitIgnorePatternError, re.error):
        return None


def _without_spaces(line: str) -> str:
    """Return a line without the spaces at its end; one behind a backslash is meant."""
    kept = line.rstrip(" ")
    backslashes = len(kept) - len(kept.rstrip("\\"))
    return kept + " " if backslashes % 2 and kept != line else kept
