"""An APNG of 16-bit colours is put together as browsers do: all bits of a colour are compared."""

from __future__ import annotations

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.formats.apng_pictures import pictures
from pipeline.formats.reader import Reader
from pipeline.prepare.animation import survey
from pipeline.validate.check import check
from pipeline.values import Limits
from tests.prepare.rendering import original_of

SIDE = 8
CLEAR = (0x1234, 0x5678, 0x9ABC)
NEAR = (0x1235, 0x5678, 0x9ABC)
COLOURS = [CLEAR, NEAR, (0xFFFF, 0, 0), (0, 0x80FF, 0x40), (0x1234, 0x5679, 0x9ABC)]

Pixels = NDArray[np.uint16]


def chunk(kind: bytes, content: bytes) -> bytes:
    total = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", total)


def packed(pixels: Pixels) -> bytes:
    return zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels))


def drawn(dice: random.Random, width: int, height: int) -> Pixels:
    return np.array(
        [[dice.choice(COLOURS) for _ in range(width)] for _ in range(height)], np.uint16
    )


def written(dice: random.Random, *, leading: bool) -> tuple[bytes, list[NDArray[np.uint8]]]:
    """Return an animation, and its frames as 8-bit RGBA by the rules of the standard."""
    frames = dice.randint(2, 4)
    content = b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, 2, 0, 0, 0)
    )
    content += chunk(b"tRNS", struct.pack(">3H", *CLEAR))
    content += chunk(b"acTL", struct.pack(">II", frames, 0))
    number = 0
    shown: list[NDArray[np.uint8]] = []
    canvas = np.zeros((SIDE, SIDE, 4), np.uint8)
    if not leading:
        content += chunk(b"IDAT", packed(drawn(dice, SIDE, SIDE)))
    for frame in range(frames):
        whole = leading and frame == 0
        width, height = (SIDE, SIDE) if whole else (dice.randint(1, SIDE), dice.randint(1, SIDE))
        left, top = dice.randint(0, SIDE - width), dice.randint(0, SIDE - height)
        disposal, blending = dice.randint(0, 2), dice.randint(0, 1)
        pixels = drawn(dice, width, height)
        control = (number, width, height, left, top, 7, 0 if frame else 100, disposal, blending)
        content += chunk(b"fcTL", struct.pack(">5I2HBB", *control))
        number += 1
        if whole:
            content += chunk(b"IDAT", packed(pixels))
        else:
            content += chunk(b"fdAT", struct.pack(">I", number) + packed(pixels))
            number += 1
        before = canvas.copy()
        area = canvas[top : top + height, left : left + width]
        there = (pixels != np.array(CLEAR)).any(axis=2)
        area[there] = np.dstack([pixels >> 8, np.full((height, width), 255)])[there]
        if not blending:
            area[~there] = 0
        shown.append(canvas.copy())
        if disposal == 1:
            area[:] = 0
        elif disposal == 2:
            canvas = before
    return content + chunk(b"IEND", b""), shown


@pytest.mark.parametrize("leading", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_every_frame_is_as_the_standard_says(tmp_path: Path, seed: int, leading: bool) -> None:
    content, wanted = written(random.Random(f"{seed} {leading}"), leading=leading)
    path = tmp_path / "a.png"
    path.write_bytes(content)
    inspection = check(original_of(path), Limits())
    assert inspection.frames == len(wanted)
    with path.open("rb") as file:
        animation = survey(file, inspection, Limits())
        assert animation.milliseconds == (70,) * len(wanted)
        got = [
            np.asarray(image.convert("RGBA"))
            for image in animation.frames(animation.size, len(wanted))
        ]
    for one, other in zip(got, wanted, strict=True):
        there = other[:, :, 3] > 0
        assert ((one[:, :, 3] > 0) == there).all()
        assert (one[there] == other[there]).all()


@pytest.mark.parametrize("leading", [True, False])
def test_a_still_that_only_stands_for_an_animation_comes_first(leading: bool) -> None:
    content, wanted = written(random.Random(1), leading=leading)
    found = list(pictures(Reader(io.BytesIO(content))))
    assert [picture.shown for picture in found] == [False] * (not leading) + [True] * len(wanted)
