"""Picture bytes as files: the uploaded ones exactly as they came, and renditions beside them.

An uploaded file is on the disk, whole, before its row is written, so a row never points to
nothing; a file without a row (the store was killed in between) is swept away at the next start.
Renditions are a cache: made when first asked for, and made again if lost.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["PictureFiles"]

FOLDER: Final = "pictures"
ORIGINAL: Final = "original"


class PictureFiles:
    """The pictures of a data folder; those of a second one can be read through it."""

    def __init__(self, data: Path, beneath: Path | None = None) -> None:
        """Take the folders.

        Args:
            data: where new pictures go.
            beneath: a data folder that is only read; None: there is none.
        """
        self._folder = data / FOLDER
        self._beneath = beneath / FOLDER if beneath is not None else None

    def keep(self, content: bytes) -> str:
        """Keep uploaded bytes durably and give the key that they are found by.

        Raises:
            OSError: the disk is full or not writable.
        """
        key = secrets.token_hex(16)
        self._write(self._path(key, ORIGINAL), content, durable=True)
        return key

    def original(self, key: str) -> bytes | None:
        """Give the uploaded bytes of a key; None when they are gone."""
        return self._read(key, ORIGINAL)

    def rendition(self, key: str, name: str) -> bytes | None:
        """Give a rendition that was kept; None when it has to be made."""
        return self._read(key, name)

    def keep_rendition(self, key: str, name: str, content: bytes) -> None:
        """Keep a rendition for the next time it is asked for."""
        # A full disk costs the next one who asks some time, and this one nothing.
        with suppress(OSError):
            self._write(self._path(key, name), content, durable=False)

    def forget(self, key: str) -> None:
        """Remove a key's files; those of the folder beneath stay."""
        for path in self._folder.glob(f"{key[:2]}/{key}.*"):
            with suppress(OSError):
                path.unlink()

    def sweep(self, keys: Iterable[str]) -> None:
        """Remove all files but those of the keys; for the start, when nobody else writes."""
        wanted = set(keys)
        for path in self._folder.glob("*/*"):
            if path.name.partition(".")[0] not in wanted or path.suffix == ".part":
                with suppress(OSError):
                    path.unlink()

    def _path(self, key: str, name: str) -> Path:
        return self._folder / key[:2] / f"{key}.{name}"

    def _read(self, key: str, name: str) -> bytes | None:
        for folder in (self._folder, self._beneath):
            if folder is not None:
                with suppress(OSError):
                    return (folder / key[:2] / f"{key}.{name}").read_bytes()
        return None

    def _write(self, path: Path, content: bytes, *, durable: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        if durable:
            _force(path.parent)
            _force(self._folder)


def _force(folder: Path) -> None:
    # Windows keeps folder entries by itself and cannot open a folder.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
