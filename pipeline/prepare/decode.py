"""Opens and decodes a picture once; that decode proves that the original is whole.

A JPEG is decoded at a half, a quarter or an eighth where at least twice the wanted size remains:
that costs nothing that can be seen, and a quarter of the memory or less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image

from pipeline.formats import as_decoded, icc_from_metadata
from pipeline.formats.decoding import reading
from pipeline.originals import open_unchanged
from pipeline.prepare.pixels import fitted
from pipeline.prepare.resize import working_memory
from pipeline.prepare.transparency import scale_clear_colour, unseen_transparency
from pipeline.refusals import too_many_pixels
from pipeline.values import ImageFormat, Inspection, Limits, Original, Preset, Profile

__all__ = ["Still", "allow_pixels", "open_picture", "open_still", "pixel_digest", "prove_pixels"]

REMAINING: Final = {Preset.BEST: 2, Preset.FAST: 1}
"""Times the wanted size that a reduced decode must leave.

At a half scale close to the wanted size up to 5 points of SSIMULACRA2 are lost, at twice the
wanted size none.
"""

_PIXEL_BYTES: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "LA": 4, "PA": 4}
"""Bytes a pixel of Pillow's modes; the others have 4, `RGB` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A still whose header is read and whose pixels are not decoded yet.

    Attributes:
        image: the opened picture, set to be decoded at a fraction where that leaves enough.
        stored: width × height in pixels as stored, before any reduction.
        wanted: width × height in pixels, as stored, that it is to be reduced to.
        box: left, top, right, bottom of the true picture in the pixels that will be decoded; a
            fraction rounds its size up, so the last column or row may be covered only in part.
        icc: the embedded ICC profile, or one for what else the file says of its colours; empty
            where there is none.
        memory: bytes that decoding and reducing it take at the most.
        cleared: puts transparency in that Pillow does not see; None where it sees all there is.
    """

    image: Image.Image
    stored: tuple[int, int]
    wanted: tuple[int, int]
    box: tuple[float, float, float, float]
    icc: bytes
    memory: int
    cleared: Callable[[Image.Image], Image.Image] | None = None

    def decode(self) -> Image.Image:
        """Decode every pixel and return the picture, in Pillow's mode for it.

        Raises:
            PhotoRefused: `damaged`, `truncated`, `too_many_pixels` or `no_memory`.
        """
        with reading():
            self.image.load()
            return self.cleared(self.image) if self.cleared else self.image


def allow_pixels(most_pixels: int) -> None:
    """Set how many pixels Pillow decodes before it warns; call it once, when the program starts.

    It is the only global setting of Pillow that this program makes: without it Pillow warns of a
    decompression bomb at 89 megapixels, which studio cameras exceed. Twice as many raise an error
    in Pillow itself; the rooms refuse at `most_pixels`.
    """
    Image.MAX_IMAGE_PIXELS = most_pixels


def open_picture(file: BinaryIO, inspection: Inspection, limits: Limits) -> Image.Image:
    """Open a picture by its header, restricted to the format that was found by content.

    Raises:
        PhotoRefused: `damaged`, `truncated` or `too_many_pixels`.
    """
    with reading():
        shown = as_decoded(file, inspection.format, inspection.oddities)
        image = Image.open(shown, formats=[inspection.format.value])
        if image.width * image.height > limits.most_pixels:
            raise too_many_pixels(image.width, image.height, limits)
        scale_clear_colour(image, inspection)
        return image


def open_still(
    file: BinaryIO, inspection: Inspection, limits: Limits, preset: Preset = Preset.BEST
) -> Still:
    """Open a still, to be decoded at a fraction where that leaves enough.

    Args:
        file: the original, open for reading.
        inspection: what its header says.
        limits: how many pixels may be decoded, and the longest side that is wanted.
        preset: how much has to be left by a decode at a fraction.

    Raises:
        PhotoRefused: `damaged`, `truncated` or `too_many_pixels`.
    """
    image = open_picture(file, inspection, limits)
    with reading():
        stored = image.size
        wanted = fitted(stored, limits.longest_side)
        box: tuple[float, float, float, float] = (0, 0, *stored)
        if inspection.format is ImageFormat.JPEG:
            # The true target size: a square of the longest side would decode more than needed.
            times = REMAINING[preset]
            drafted = image.draft(None, (wanted[0] * times, wanted[1] * times))
            if drafted is not None:
                left, top, right, bottom = drafted[1]
                box = (left, top, min(right, image.width), min(bottom, image.height))
        return Still(
            image=image,
            stored=stored,
            wanted=wanted,
            box=box,
            icc=_profile(file, image, inspection),
            memory=_memory(image, stored, wanted, inspection),
            cleared=unseen_transparency(file, image, inspection),
        )


def prove_pixels(original: Original, inspection: Inspection, limits: Limits) -> None:
    """Decode every pixel of a still, or of an animation's first picture, and keep nothing.

    Needed where a file's structure may reach its end before its data is there: a network disk
    may show zeros in the middle of a file that is being copied.

    Raises:
        PhotoRefused: `damaged`, `truncated`, `too_many_pixels` or `no_memory`; `replaced` where
            the content is no longer the one that was digested.
    """
    with open_unchanged(original) as file:
        open_still(file, inspection, limits).decode()


def pixel_digest(original: Original, inspection: Inspection, limits: Limits) -> str:
    """Return the SHA-256 of a picture's size and pixels (an animation's first), in hexadecimal.

    Two files with the same one show the same, whatever else is in them.

    Raises:
        PhotoRefused: as `prove_pixels`.
    """
    with open_unchanged(original) as file:
        image = open_picture(file, inspection, limits)
        with reading():
            shown = image.convert("RGBA")
            facts = f"{shown.width} {shown.height} {inspection.orientation} {inspection.frames} "
            return hashlib.sha256(facts.encode() + shown.tobytes()).hexdigest()


def _profile(file: BinaryIO, image: Image.Image, inspection: Inspection) -> bytes:
    icc = image.info.get("icc_profile")
    embedded = icc if isinstance(icc, bytes) else b""
    if inspection.profile is not Profile.OTHER:
        return embedded
    has = bool(embedded)
    return icc_from_metadata(file, image, inspection.format, embedded=has) or embedded


def _coefficients(image: Image.Image) -> float:
    """Return how many coefficients a pixel a progressive JPEG keeps, 2 bytes each: 1.5 to 4."""
    layers = [layer[1] * layer[2] for layer in getattr(image, "layer", ())]
    return sum(layers) / max(layers) if layers else 3.0


def _memory(
    image: Image.Image, stored: tuple[int, int], wanted: tuple[int, int], inspection: Inspection
) -> int:
    pixels = image.width * image.height
    taken = pixels * _PIXEL_BYTES.get(image.mode, 4)
    if image.mode not in ("L", "RGB", "CMYK", "LA", "RGBA", "1", "LAB"):
        # It becomes one of these first, beside itself.
        taken += pixels * 4
    if image.info.get("progressive"):
        taken += int(stored[0] * stored[1] * _coefficients(image) * 2)
    if image.mode == "RGB" and "transparency" in image.info and inspection.bit_depth > 8:
        # Its lower bytes are decoded, too, and compared.
        taken += pixels * 12
    if inspection.format is ImageFormat.WEBP:
        # The decoder's own canvases, and the pixels as bytes.
        taken += pixels * 12
    return taken + working_memory(image.size, wanted, len(image.getbands()))
