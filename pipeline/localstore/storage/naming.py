"""The name under which an uploaded picture comes back: `o/381/product-image__98178.png`."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from pipeline.localstore.quirks import Quirks

__all__ = ["BOXES", "StoredName", "name_in_url", "rendition_name", "stored_name"]

BOXES: Final = {
    "url_zoom": (1280, 1280),
    "url_standard": (560, 850),
    "url_thumbnail": (330, 500),
    "url_tiny": (66, 100),
}
"""Field to the box (width, height in pixels) that its rendition is fitted into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredName:
    """Where the store put a picture: its folder, its mangled stem and its extension."""

    folder: str
    stem: str
    extension: str

    @property
    def image_file(self) -> str:
        """The name as an answer's `image_file` gives it."""
        return f"{self.folder}/{self.stem}.{self.extension}"


def stored_name(uploaded: str, extension: str, quirks: Quirks) -> StoredName:
    """Give a picture its place.

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
    """Give the file name that the last part of an address's path is, possibly empty."""
    return unquote(urlsplit(url).path).rpartition("/")[2]


def rendition_name(image_file: str, made: int, box: tuple[int, int]) -> str:
    """Give the last part of a rendition's address.

    Args:
        image_file: as `StoredName.image_file`.
        made: when the picture came, in seconds since 1970.
        box: width and height in pixels.
    """
    stem, _, extension = image_file.rpartition("/")[2].rpartition(".")
    return f"{stem}.{made}.{box[0]}.{box[1]}.{extension}"
