"""The name under which a picture goes up: readable, and found again in the store's listing.

The store keeps the uploaded stem and appends its own digits (`pipeline/localstore/README.md`, "An
image"), so a stem that carries a part of the original's digest identifies the photograph after an
unanswered request: it is looked for before anything is sent again. Stores differ in what they do
to other characters than `[a-z0-9-]`, so there are none.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Final

from pipeline.values import ImageFormat

__all__ = ["digest_tag", "upload_name", "uploaded_as"]

STEM_LENGTH: Final = 40
"""Characters of the readable part; with a hyphen and the digest it stays well below 60."""

DIGEST_LENGTH: Final = 10
"""Hexadecimal digits: 40 bits, so two photographs of one product never share a name by chance."""

_OTHERS: Final = re.compile(r"[^a-z0-9]+")

_TAG: Final = re.compile(rf"(?:^|[-_/])([0-9a-f]{{{DIGEST_LENGTH}}})(?:__\d+)?(?:\.|$)")
"""The digest at the end of a stem, with the two underscores and the digits that the store adds."""

_ADDED: Final = re.compile(r"__\d+(?=\.[^.]*$|$)")


def upload_name(path: Path, sha256: str, format: ImageFormat) -> str:  # noqa: A002
    """Return the name to upload under, such as `sm-13-front-3f9a1c2b7d.jpg`.

    Args:
        path: the original's path; only the name of the file counts.
        sha256: the original's (not the picture's) SHA-256 in hexadecimal.
        format: the format that is uploaded; the suffix says the truth about it.
    """
    plain = unicodedata.normalize("NFKD", path.stem.casefold()).encode("ascii", "ignore").decode()
    # Lower case once more: a compatibility decomposition can bring capitals back.
    stem = _OTHERS.sub("-", plain.lower()).strip("-")[:STEM_LENGTH].rstrip("-")
    return f"{stem or 'photo'}-{sha256[:DIGEST_LENGTH].lower()}{format.suffix}"


def digest_tag(name: str) -> str | None:
    """Return the part of a photograph's digest that a name carries; None where it carries none.

    Args:
        name: an upload name, or the `image_file` of an image in the store, however it spells it.
    """
    match = _TAG.search(name.casefold())
    return None if match is None else match.group(1)


def uploaded_as(image_file: str) -> str:
    """Return the name that an image in the store came with, as far as the store keeps it."""
    return _ADDED.sub("", image_file.rpartition("/")[2])
