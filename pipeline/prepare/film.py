"""Reads an animation frame by frame: each one composed, upright, sRGB, at the wanted size.

Never more than a few frames are in memory, however long the animation is: every pass over it
decodes it afresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats.decoding import reading, too_many_pixels
from pipeline.lifecycle import Reason
from pipeline.prepare.colour import to_srgb
from pipeline.prepare.decode import open_picture
from pipeline.prepare.geometry import upright
from pipeline.prepare.metadata import kept_exif
from pipeline.prepare.pixels import plain, without_idle_alpha
from pipeline.values import Inspection, Limits

__all__ = ["Film", "Frame", "film_memory", "survey"]

HALF: Final = 128
"""The opacity from which a pixel counts as there in a GIF, which knows only there or not."""


CANVASES: Final = 10
"""Frames of full size in memory at once: the decoder's, the encoder's, and ours."""

SLACK_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of an animation as it is shown (mode `RGB` or `RGBA`), and for how long."""

    image: Image.Image
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """An animation whose every frame was decoded once.

    Attributes:
        file: the original, open for reading.
        inspection: what its header says.
        limits: how many pixels may be decoded.
        size: width × height of its canvas in pixels, upright.
        first: the number of its first frame in the file (1 where a PNG's default image is none).
        milliseconds: how long each frame is shown.
        loop: how often it is repeated, 0 for ever; None where it is not said (once).
        clearing: some pixel that was there becomes transparent again.
        said: what was done about its colours.
        exif: what is kept of its metadata, may be empty.
    """

    file: BinaryIO
    inspection: Inspection
    limits: Limits
    size: tuple[int, int]
    first: int
    milliseconds: tuple[int, ...]
    loop: int | None
    clearing: bool
    said: str
    exif: bytes

    def kept(self, keep: int) -> tuple[tuple[int, int], ...]:
        """Choose frames evenly: the number of each, and the milliseconds until the next one.

        Args:
            keep: how many are kept, at most as many as there are.
        """
        count = len(self.milliseconds)
        firsts = [number * count // keep for number in range(keep)]
        return tuple(
            (first, sum(self.milliseconds[first:following]))
            for first, following in zip(firsts, [*firsts[1:], count], strict=True)
        )

    def frames(self, size: tuple[int, int], keep: int) -> Iterator[Frame]:
        """Decode it again and yield its frames at a size.

        Args:
            size: width × height in pixels, upright, not larger than the canvas.
            keep: how many frames; what is left out lengthens the one before.

        Raises:
            PhotoRefused: as when a still is decoded.
        """
        image = open_picture(self.file, self.inspection, self.limits)
        for number, milliseconds in self.kept(keep):
            shown, _ = _frame(image, self.first + number, self.inspection)
            if shown.size != size:
                with reading():
                    # No filter with lobes: their ripples would be new colours, and new changes.
                    shown = shown.resize(size, Image.Resampling.HAMMING)
            yield Frame(image=shown, milliseconds=milliseconds)


def survey(
    file: BinaryIO, inspection: Inspection, limits: Limits, *, keep_copyright: bool = False
) -> Film:
    """Decode every frame once, which proves that they are whole, and note what they are.

    Args:
        file: the original, open for reading.
        inspection: what its header says.
        limits: how many pixels and frames may be decoded.
        keep_copyright: keep copyright and artist.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `no_memory`, or
            `too_many_frames`.
    """
    image = open_picture(file, inspection, limits)
    with reading():
        count = int(getattr(image, "n_frames", 1))
        first = 1 if image.info.get("default_image") else 0
        loop = image.info.get("loop")
    if count > limits.most_frames:
        raise PhotoRefused(
            Reason.TOO_MANY_FRAMES,
            f"it has {count:,} frames, and at most {limits.most_frames:,} are decoded",
        )
    durations: list[int] = []
    clearing = False
    size = (0, 0)
    said = ""
    there = _Opaque(None)
    for number in range(first, max(count, first + 1)):
        shown, said = _frame(image, number, inspection)
        if shown.width * shown.height > limits.most_pixels:
            raise too_many_pixels()
        size = shown.size
        with reading():
            duration = image.info.get("duration", 0)
            durations.append(round(duration) if isinstance(duration, int | float) else 0)
            now = _Opaque.of(shown)
            clearing = clearing or (number > first and now.lacks(there))
            there = now
    return Film(
        file=file,
        inspection=inspection,
        limits=limits,
        size=size,
        first=first,
        milliseconds=tuple(durations),
        loop=loop if isinstance(loop, int) else None,
        clearing=clearing,
        said=said,
        exif=kept_exif(image, keep_copyright=keep_copyright),
    )


def film_memory(inspection: Inspection) -> int:
    """Give the bytes that an animation takes at the most: a few canvases, however long it is."""
    return inspection.width * inspection.height * CANVASES * 4 + SLACK_BYTES


@dataclass(frozen=True, slots=True)
class _Opaque:
    """Which pixels of a frame are there; no mask where all of them are."""

    mask: NDArray[np.bool_] | None

    @classmethod
    def of(cls, image: Image.Image) -> _Opaque:
        return cls(np.asarray(image.getchannel("A")) >= HALF if image.mode == "RGBA" else None)

    def lacks(self, before: _Opaque) -> bool:
        """Tell whether a pixel that was there before is not there any more."""
        if self.mask is None:
            return False
        gone = ~self.mask if before.mask is None else before.mask & ~self.mask
        return bool(gone.any())


def _frame(image: Image.Image, number: int, inspection: Inspection) -> tuple[Image.Image, str]:
    """Decode one frame as it is shown, `RGB` where all of it is opaque, else `RGBA`."""
    with reading():
        image.seek(number)
        image.load()
        icc = image.info.get("icc_profile")
        shown = plain(image, inspection.format)
        if shown is image:
            # The next frame is painted over this one.
            shown = image.copy()
        shown, said = to_srgb(shown, icc if isinstance(icc, bytes) else b"", inspection.profile)
        shown = upright(shown, inspection.orientation)
        if shown.mode not in ("RGB", "RGBA"):
            shown = shown.convert("RGBA" if shown.mode == "LA" else "RGB")
        shown = without_idle_alpha(shown)
        shown.info = {}
        return shown, said
