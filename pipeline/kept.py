"""Bytes of photographs that are kept here, each under its SHA-256, for as long as they are needed.

The hook copies what it is called with, for the next shot may overwrite its file. Once a photograph
is known by its content, whoever looks into it reads its copy, whatever lies at its path by then.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from pipeline.durable import flush_folder, put_in_place
from pipeline.errors import LedgerError
from pipeline.faultpoints import reach
from pipeline.values import Original

__all__ = ["Kept"]

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class Kept:
    """A folder of kept bytes; it is made when the first are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._beginning = os.path.join(folder, "")  # noqa: PTH118 - with a separator

    def keep(self, copy: Path, sha256: str) -> None:
        """Keep a copy under its digest, too, durably; bytes that are kept already are kept once.

        Raises:
            LedgerError: the disk is full or not writable.
        """
        place = self._folder / sha256
        try:
            if _size(place) == copy.stat().st_size:
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            hidden = self._folder / f".{sha256}.{os.getpid()}.part"
            hidden.unlink(missing_ok=True)
            reach("before keep")
            try:
                os.link(copy, hidden)
            except OSError:  # not every disk knows a second name
                shutil.copyfile(copy, hidden)
            put_in_place(str(hidden), str(place))
            # Of two names of one file, renaming one into the other does nothing.
            hidden.unlink(missing_ok=True)
            flush_folder(str(self._folder.parent))
            reach("after keep")
        except OSError as error:
            raise LedgerError(
                f"the folder {self._folder} cannot be written "
                f"({error.strerror or type(error).__name__}): free some space, or check its "
                "permissions, then run again"
            ) from error

    def located(self, original: Original) -> Original:
        """Return an original with the place where its bytes are kept, if they are."""
        if not original.sha256 or self._size_of(original.sha256) != original.size:
            return original
        return replace(original, kept=self._folder / original.sha256)

    def release(self, sha256: str, needed: Callable[[str], bool | None]) -> None:
        """Let bytes go that no photograph needs any more.

        Args:
            sha256: of the content.
            needed: whether a photograph of that content may still need its bytes.
        """
        if sha256 and self._size_of(sha256) is not None and not needed(sha256):
            reach("before release")
            self._drop(sha256)
            reach("after release")

    def sweep(self, needed: Callable[[str], bool | None], before: float) -> None:
        """Let go what nobody needs, and what was left here by processes that died.

        Args:
            needed: whether a photograph of that content may still need its bytes; None where
                there is no photograph of it.
            before: what no photograph has goes once it is older, in seconds since 1970: it may
                just be coming in, or its ledger may be lost.
        """
        for name in self._names():
            wanted = needed(name) if _DIGEST.fullmatch(name) else None
            if wanted is False or (wanted is None and self._is_older(name, before)):
                self._drop(name)

    def tally(self) -> tuple[int, int]:
        """Return of how many photographs bytes are kept, and how many bytes."""
        sizes = [_size(self._folder / name) or 0 for name in self._names() if name[0] != "."]
        return len(sizes), sum(sizes)

    def _size_of(self, sha256: str) -> int | None:
        # Asked three times of each photograph, most of which have nothing here: by text, for
        # Pathlib takes longer than the system.
        try:
            return os.stat(self._beginning + sha256).st_size  # noqa: PTH116
        except OSError:
            return None

    def _names(self) -> Iterator[str]:
        with suppress(OSError):
            yield from os.listdir(self._folder)  # noqa: PTH208 - names, not paths

    def _is_older(self, name: str, moment: float) -> bool:
        with suppress(OSError):
            return (self._folder / name).lstat().st_ctime < moment
        return False

    def _drop(self, name: str) -> None:
        with suppress(OSError):
            (self._folder / name).unlink()


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except OSError:
        return None
