"""Picture bytes as files, and the names that the store gives them.

The uploaded bytes are kept exactly as they came, and renditions beside them.

An uploaded file is on the disk, whole, before its row is written, so a row never points to
nothing; a file without a row (the store was killed in between) is swept away at the next start.
Renditions are a cache: made when first asked for, and made again if lost.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Row
from typing import Final
from urllib.parse import unquote, urlsplit

from pipeline.localstore.durable import flush_folder, write_whole
from pipeline.localstore.quirks import Quirks

__all__ = [
    "BOXES",
    "PictureFiles",
    "StoredName",
    "name_in_url",
    "picture_path",
    "rendition_name",
    "stored_name",
]

FOLDER: Final = "pictures"
ORIGINAL: Final = "original"

BOXES: Final = {
    "url_zoom": (1280, 1280),
    "url_standard": (560, 850),
    "url_thumbnail": (330, 500),
    "url_tiny": (66, 100),
}
"""Field to the box (width, height in pixels) that its rendition is fitted into."""


class PictureFiles:
    """The pictures of a data folder; those of a second one can be read through it.

    New pictures go into the folder `data`; `beneath` is a data folder that is only read.
    """

    def __init__(self, data: Path, beneath: Path | None = None) -> None:
        self._folder = data / FOLDER
        self._beneath = beneath / FOLDER if beneath is not None else None

    def keep(self, content: bytes) -> str:
        """Keep uploaded bytes durably and return the key that they are found by.

        Raises:
            OSError: the disk is full or not writable.
        """
        key = secrets.token_hex(16)
        self._write(self._path(key, ORIGINAL), content, durable=True)
        return key

    def original(self, key: str) -> bytes | None:
        """Return the uploaded bytes of a key; None when they are gone."""
        return self._read(key, ORIGINAL)

    def rendition(self, key: str, name: str) -> bytes | None:
        """Return a rendition that was kept; None when it has to be made."""
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
        write_whole(path, content, durable=durable)
        if durable:
            flush_folder(path.parent)
            flush_folder(self._folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredName:
    """Where the store put a picture: its folder, its mangled stem and its extension."""

    folder: str
    stem: str
    extension: str

    @property
    def image_file(self) -> str:
        """Return the name as an answer's `image_file` has it."""
        return f"{self.folder}/{self.stem}.{self.extension}"


def stored_name(uploaded: str, extension: str, quirks: Quirks) -> StoredName:
    """Return the place that a picture gets, such as `o/381/product-image__98178.png`.

    Args:
        uploaded: the file name that came with it; a path before it is dropped.
        extension: the one its format usually has, for a name that carries none.
        quirks: how a stem is changed.
    """
    name = re.split(r"[/\\]", uploaded)[-1]
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        stem, suffix = name, ""
    stem = re.sub(r"[^A-Za-z0-9_-]", "_", stem) or "image"
    if quirks.stem == "lower":
        stem = stem.lower()
    # File systems end at 255 bytes, and the renditions' names are longer than this one.
    stem = stem[: quirks.stem_length or 180]
    digits = f"{secrets.randbelow(100_000):05d}"
    folder = f"{secrets.choice(string.ascii_lowercase)}/{secrets.randbelow(1000):03d}"
    kept = suffix if re.fullmatch(r"[A-Za-z0-9]{1,5}", suffix) else extension
    return StoredName(folder=folder, stem=f"{stem}__{digits}", extension=kept)


def name_in_url(url: str) -> str:
    """Return the file name that the last part of an address's path is, possibly empty."""
    return unquote(urlsplit(url).path).rpartition("/")[2]


def rendition_name(image_file: str, made: int, box: tuple[int, int]) -> str:
    """Return the last part of a rendition's address.

    Args:
        image_file: as `StoredName.image_file`.
        made: when the picture came, in seconds since 1970.
        box: width and height in pixels.
    """
    stem, _, extension = image_file.rpartition("/")[2].rpartition(".")
    return f"{stem}.{made}.{box[0]}.{box[1]}.{extension}"


def picture_path(row: Row, field: str) -> str:
    """Return the path under which a rendition is served.

    Args:
        row: of the images.
        field: `url_zoom`, `url_standard`, `url_thumbnail` or `url_tiny`.
    """
    name = rendition_name(row["image_file"], row["pictured"], BOXES[field])
    return f"/products/{row['product_id']}/images/{row['id']}/{name}"
