"""Transparency that Pillow 13 does not see, or sees wrongly.

A PNG's transparent colour is told in samples as they are stored (PNG, third edition, 11.3.1.1):
Pillow stretches grey of 2 and 4 bits to 8, and keeps the upper byte of 16-bit colours, but compares
with the number as it was told. What a GIF's pictures do not cover is transparent in every browser;
Pillow paints it in the first colour, unless the first picture itself has a transparent one, and
clears in the background's colour. A BMP in which no pixel has any alpha has none at all: programs
that know of none leave those bits empty, and browsers show it whole.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageChops, ImageFile

from pipeline.formats import as_decoded
from pipeline.formats.apng_pictures import pictures as apng_pictures
from pipeline.formats.decoding import reading
from pipeline.formats.gif import GifPicture, pictures
from pipeline.formats.reader import Reader
from pipeline.values import ImageFormat, Inspection

__all__ = ["composed_frames", "scale_clear_colour", "unseen_transparency"]

_CLEARED, _AS_BEFORE = 2, 3
"""What becomes of a GIF's picture before the next one (GIF89a, 23)."""

_APNG_CLEARED, _APNG_AS_BEFORE = 1, 2
"""The same of an APNG's picture (third edition, 11.3.6.3)."""


def scale_clear_colour(image: Image.Image, inspection: Inspection) -> None:
    """Tell an opened PNG's transparent colour in the samples that are decoded.

    The one of 16-bit colours stays as it is where the picture is a still: `unseen_transparency`
    compares all of its bits.

    Args:
        image: the opened picture, nothing decoded yet.
        inspection: what its header says.
    """
    told = image.info.get("transparency")
    depth = inspection.bit_depth
    scaled: int | tuple[int, ...]
    if inspection.format is not ImageFormat.PNG:
        return
    if image.mode == "L" and isinstance(told, int):
        most = (1 << depth) - 1
        # Only the bits of a sample count (11.3.1.1).
        scaled = (told & most) * 255 // most
    elif image.mode == "RGB" and isinstance(told, tuple):
        if depth > 8 and inspection.frames == 1:
            return
        scaled = tuple((value >> depth - 8) & 255 for value in told)
    else:
        return
    image.info["transparency"] = scaled
    stream = getattr(image, "png", None)
    if stream is not None:  # from which an animation's frames take it again
        stream.im_info["transparency"] = scaled
        stream.rewind_state.info["transparency"] = scaled


def unseen_transparency(
    file: BinaryIO, image: Image.Image, inspection: Inspection
) -> Callable[[Image.Image], Image.Image] | None:
    """Return what puts in transparency that Pillow does not see in a still, None if there is none.

    Args:
        file: the original, open for reading.
        image: the opened picture, nothing decoded yet.
        inspection: what its header says.
    """
    told = image.info.get("transparency")
    if not isinstance(image, ImageFile.ImageFile) or not image.tile:
        return None
    if inspection.format is ImageFormat.PNG and inspection.bit_depth > 8:
        if image.mode == "RGB" and isinstance(told, tuple) and inspection.frames == 1:
            return lambda decoded: _deep_clear(file, decoded, told)
    elif inspection.format is ImageFormat.BMP and image.mode == "RGBA":
        return _without_empty_alpha
    elif inspection.format is ImageFormat.GIF and told is None:
        box = image.tile[0].extents
        if box is not None and box != (0, 0, *image.size):
            return lambda decoded: _clear_outside(decoded, box)
    return None


def _deep_clear(file: BinaryIO, high: Image.Image, told: tuple[int, ...]) -> Image.Image:
    """Make the pixels clear whose upper and lower bytes both are those of a 16-bit colour."""
    with Image.open(as_decoded(file, ImageFormat.PNG), formats=["PNG"]) as low:
        low.tile = [part._replace(args="RGB;16L") for part in low.tile]
        low.load()
        mask: Image.Image | None = None
        for bands, shift in ((high, 8), (low, 0)):
            for band, value in zip(bands.split(), told, strict=True):
                wanted = value >> shift & 255
                other = band.point([0 if level == wanted else 255 for level in range(256)])
                mask = other if mask is None else ImageChops.lighter(mask, other)
    shown = high.copy()
    shown.info.pop("transparency", None)
    if mask is not None:
        shown.putalpha(mask)
    return shown


def _without_empty_alpha(image: Image.Image) -> Image.Image:
    return image if image.getchannel("A").getbbox() else image.convert("RGB")


def _clear_outside(image: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    alpha = Image.new("L", image.size, 0)
    alpha.paste(255, box)
    shown = image.convert("RGB")
    shown.putalpha(alpha)
    return shown


def composed_frames(
    file: BinaryIO, image: Image.Image, inspection: Inspection
) -> Iterator[tuple[Image.Image, int]] | None:
    """Return every frame as browsers show it with its milliseconds, None where Pillow does it, too.

    The next frame is painted over the image that was yielded before.

    Args:
        file: the original, open for reading.
        image: the opened picture.
        inspection: what its header says.
    """
    if inspection.format is ImageFormat.GIF:
        return _gif_frames(file, inspection)
    clear = isinstance(image.info.get("transparency"), tuple)
    if inspection.format is ImageFormat.PNG and inspection.bit_depth > 8 and clear:
        return _deep_frames(file, inspection)
    return None


def _deep_frames(file: BinaryIO, inspection: Inspection) -> Iterator[tuple[Image.Image, int]]:
    """Yield the frames of an APNG of 16-bit colours, one of which is transparent.

    Raises:
        PhotoRefused: as when a still is decoded.
    """
    canvas = Image.new("RGBA", (inspection.width, inspection.height))
    for picture in apng_pictures(Reader(file)):
        with reading():
            content = io.BytesIO(picture.content)
            with Image.open(content, formats=["PNG"]) as high:
                told = high.info["transparency"]
                high.load()
                drawn = _deep_clear(content, high, told)
            place = (picture.left, picture.top)
            box = (*place, picture.left + drawn.width, picture.top + drawn.height)
            before = canvas.crop(box)
            canvas.paste(drawn, place, drawn.getchannel("A") if picture.over else None)
        yield canvas, picture.milliseconds
        if not picture.shown or picture.disposal == _APNG_CLEARED:
            canvas.paste((0, 0, 0, 0), box)
        elif picture.disposal == _APNG_AS_BEFORE:
            canvas.paste(before, box[:2])


def _gif_frames(file: BinaryIO, inspection: Inspection) -> Iterator[tuple[Image.Image, int]]:
    """Yield every frame of a GIF as browsers show it, `RGBA`, and its milliseconds.

    The canvas is transparent at first, and where a picture was cleared. The next frame is painted
    over the image that was yielded before.

    Raises:
        PhotoRefused: as when a still is decoded.
    """
    canvas = Image.new("RGBA", (inspection.width, inspection.height))
    for picture in pictures(Reader(file)):
        box = (
            picture.left,
            picture.top,
            min(picture.left + picture.width, canvas.width),
            min(picture.top + picture.height, canvas.height),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            yield canvas, picture.milliseconds
            continue
        before = canvas.crop(box) if picture.disposal == _AS_BEFORE else None
        with reading():
            colours, mask = _decoded(picture)
            canvas.paste(colours, (picture.left, picture.top), mask)
        yield canvas, picture.milliseconds
        if before is not None:
            canvas.paste(before, box[:2])
        elif picture.disposal == _CLEARED:
            canvas.paste((0, 0, 0, 0), box)


def _decoded(picture: GifPicture) -> tuple[Image.Image, Image.Image | None]:
    """Decode a picture; return its colours and where it is shown, None for everywhere."""
    with Image.open(io.BytesIO(picture.content), formats=["GIF"]) as image:
        image.load()
        colours = image.convert("RGB").convert("RGBA")
        if picture.clear is None:
            return colours, None
        shown = np.asarray(image) != picture.clear
        return colours, Image.fromarray(shown)
