"""Encodes an animated GIF a frame at a time, and stops as soon as it would be too large.

Pillow's own writer keeps all frames in memory. Here each one is encoded by Pillow as soon as it
is there: only the part that changed since the one before, with what did not change inside it
transparent, so that it compresses to almost nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from pipeline.formats.decoding import writing
from pipeline.formats.gif import written_notice
from pipeline.formats.notice import NO_NOTICE, Notice

__all__ = ["GIF_FRAMES", "GIF_SIDE", "OPAQUE", "GifAttempt", "encode_gif"]

GIF_FRAMES: Final = 150
"""Frames that the store takes in a GIF (`pipeline/localstore/README.md`, "Limits")."""

GIF_SIDE: Final = 5120
"""Pixels a side that the store takes in a GIF (`pipeline/localstore/README.md`, "Limits")."""

OPAQUE: Final = 128
"""The opacity from which a pixel counts as there in a GIF, which knows only there or not."""

DITHERED: Final = 128
"""Colours from which a picture is dithered: below that the pattern would show more than bands."""

PALETTE_SAMPLE: Final = 256
"""Longest side in pixels of what a palette is chosen from; more would change it hardly at all."""

LEAVE: Final = 1
CLEAR: Final = 2
"""What becomes of a frame before the next: it stays, or its area becomes transparent (GIF89a)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GifAttempt:
    """A GIF, or None and the size in bytes it would come to."""

    content: bytes | None
    size: float


def encode_gif(
    images: Iterable[Image.Image],
    durations: Sequence[int],
    *,
    size: tuple[int, int],
    loop: int | None,
    colours: int,
    clearing: bool,
    max_bytes: int,
    notice: Notice = NO_NOTICE,
) -> GifAttempt:
    """Encode an animation as a GIF of at most `max_bytes`.

    Args:
        images: its composed frames, all of one size, mode `RGB` or `RGBA`.
        durations: how long each is shown, in milliseconds.
        size: their width × height in pixels.
        loop: repetitions, 0 for ever, None to say nothing (once).
        colours: colours of each frame at most, 4 to 256.
        clearing: true where pixels become transparent again: then every frame is whole.
        max_bytes: the most bytes.
        notice: who made it and whose it is, may be empty.

    Raises:
        PhotoRefused: what reading the frames raises; `no_memory`, `defect`.
    """
    parts = [b"GIF89a", struct.pack("<HHBBB", *size, 0x70, 0, 0)]
    if loop is not None:
        parts.append(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", loop) + b"\0")
    ending = written_notice(notice) + b";"
    total = sum(map(len, parts)) + len(ending)
    whole = total
    before: Image.Image | None = None
    for done, (image, milliseconds) in enumerate(zip(images, durations, strict=True), 1):
        with writing("an animated GIF"):
            blocks = _blocks(image, milliseconds, before, colours, clearing=clearing)
        total += len(blocks)
        if done == 1:
            whole = total
        if total > max_bytes:
            # The first frame is whole, the others are differences from it.
            ahead = whole + (total - whole) / max(1, done - 1) * (len(durations) - 1)
            return GifAttempt(content=None, size=max(total, ahead))
        parts.append(blocks)
        before = image
    return GifAttempt(content=b"".join([*parts, ending]), size=total)


def _blocks(
    image: Image.Image,
    milliseconds: int,
    before: Image.Image | None,
    colours: int,
    *,
    clearing: bool,
) -> bytes:
    pixels = np.asarray(image)
    shown = (
        pixels[:, :, 3] >= OPAQUE
        if image.mode == "RGBA"
        else np.ones((image.height, image.width), np.bool_)
    )
    if before is not None and not clearing:
        shown = shown & _changed(pixels, np.asarray(before))
    box = Image.fromarray(shown).getbbox() or (0, 0, 1, 1)
    if before is None:
        # Some programs paint what the first picture leaves out in its first colour.
        box = (0, 0, image.width, image.height)
    left, top, right, bottom = box
    shown = shown[top:bottom, left:right]
    # What clears says in which colour: some programs take an opaque one, where it does not.
    drawn = _drawn(image.crop(box).convert("RGB"), shown, colours, clear=clearing)
    options: dict[str, object] = {
        "duration": milliseconds,
        "disposal": CLEAR if clearing else LEAVE,
        "include_color_table": True,
    }
    if "transparency" in drawn.info:
        options["transparency"] = drawn.info.pop("transparency")
    return b"".join(GifImagePlugin.getdata(drawn, (left, top), **options))


def _changed(now: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.bool_]:
    if now.shape != before.shape:
        # One of them is opaque: what it shows is compared, and its opacity is full.
        now, before = (
            values
            if values.shape[2] == 4
            else np.dstack([values, np.full(values.shape[:2], 255, np.uint8)])
            for values in (now, before)
        )
    return np.asarray((now != before).any(axis=2))


def _drawn(
    image: Image.Image, shown: NDArray[np.bool_], colours: int, *, clear: bool
) -> Image.Image:
    """Return the part in mode `P`; its last colour (in `info`) is clear where nothing is shown.

    Where all of it is shown it has such a colour only if it is asked for.
    """
    whole = bool(shown.all()) and not clear
    room = colours if whole else colours - 1
    if not shown.all() and shown.any():
        # What is not shown must not cost a colour: it takes the one of something shown.
        row, column = np.argwhere(shown)[0]
        some = image.getpixel((int(column), int(row)))
        image.paste(some or (0, 0, 0), mask=Image.fromarray(~shown))
    few = image.getcolors(room)
    sample = image.copy()
    if few is None:
        sample.thumbnail((PALETTE_SAMPLE, PALETTE_SAMPLE), Image.Resampling.NEAREST)
    palette = sample.quantize(room, Image.Quantize.MEDIANCUT)
    dither = few is None and colours >= DITHERED
    drawn = image.quantize(
        palette=palette, dither=Image.Dither.FLOYDSTEINBERG if dither else Image.Dither.NONE
    )
    if whole:
        return drawn
    table = (drawn.getpalette() or [])[: room * 3]
    last = len(table) // 3
    drawn.putpalette([*table, 0, 0, 0])
    drawn.paste(last, mask=Image.fromarray(~shown))
    drawn.info["transparency"] = last
    return drawn
