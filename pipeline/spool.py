"""Prepared pictures on disk, each under its SHA-256 and its photograph, written atomically.

A picture in the spool is whole, or it is not held: it is written under another name and then
renamed, and is not forced to the disk. So after a power cut a file of its name and size may hold
anything; therefore its bytes are digested whenever somebody asks for it. Losing one is no loss: it
can be prepared again from its original. No two photographs share a file, though their pictures be
equal: so whoever is done with one takes it from nobody.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.durable import replace_file
from pipeline.errors import LedgerError
from pipeline.faultpoints import reach
from pipeline.home import spool_name

__all__ = ["Spool", "Spooled"]

CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Spooled:
    """A picture in the spool: its SHA-256 in hexadecimal, its name there, its size in bytes."""

    sha256: str
    name: str
    size: int


class Spool:
    """A folder of prepared pictures; it is made when the first one is put in."""

    def __init__(self, folder: Path, photo_id: str = "") -> None:
        """Take the folder, and the photograph whose pictures are put in, where there is one."""
        self._folder = folder
        self._photo_id = photo_id

    def put(self, content: bytes, suffix: str) -> Spooled:
        """Keep a picture; return its place; of one photograph the same bytes are kept once.

        Args:
            content: the whole encoded picture.
            suffix: the file name suffix with its dot.

        Raises:
            LedgerError: the disk is full or not writable.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        name = spool_name(sha256, self._photo_id, suffix)
        place = self._folder / name
        spooled = Spooled(sha256=sha256, name=name, size=len(content))
        if self.has(spooled):
            return spooled
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            reach("before spool")
            replace_file(str(place), content, durable=False)
            reach("after spool")
        except OSError as error:
            raise LedgerError(
                f"the folder of prepared pictures, {self._folder}, cannot be written "
                f"({error.strerror or type(error).__name__}): free some space, or check its "
                "permissions, then run again"
            ) from error
        return spooled

    def path(self, name: str) -> Path:
        """Return the path of a picture by its name in the spool."""
        return self._folder / name

    def has(self, spooled: Spooled) -> bool:
        """Whether the picture is there, byte for byte, and can be read."""
        try:
            place = os.path.join(self._folder, spooled.name)  # noqa: PTH118 - asked twice of each
            with open(place, "rb", buffering=0) as file:  # noqa: PTH123
                if os.fstat(file.fileno()).st_size != spooled.size:
                    return False
                hasher = hashlib.sha256()
                while piece := file.read(CHUNK_BYTES):
                    hasher.update(piece)
                return hasher.hexdigest() == spooled.sha256
        except OSError:
            return False

    def sweep(self, before: float) -> None:
        """Forget what was left here by processes that died, and what lies here for long.

        Args:
            before: what was written before this time goes, in seconds since 1970.
        """
        for file in self._folder.glob("??/*"):
            if _is_older(file, before):
                self.drop(str(file.relative_to(self._folder)))

    def drop(self, name: str) -> None:
        """Forget a picture that is not needed any more; one that is gone already is no error."""
        with suppress(OSError):
            self.path(name).unlink()


def _is_older(file: Path, moment: float) -> bool:
    try:
        return file.is_file() and file.stat().st_mtime < moment
    except OSError:
        return False
