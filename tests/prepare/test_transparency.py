"""What is transparent in a browser stays transparent, whatever Pillow makes of it."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.formats.samples import chunk
from tests.prepare.rendering import rendered

SIDE = 16


def packed(samples: np.ndarray, depth: int) -> bytes:
    """Return rows of samples as a PNG stores them, unfiltered."""
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in samples]
    else:
        bits = (samples[..., None] >> np.arange(depth)[::-1]) & 1
        rows = [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in bits]
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def keyed(dice: random.Random, depth: int, channels: int) -> tuple[bytes, np.ndarray]:
    """Return a PNG of random samples with a transparent colour, and where it is opaque."""
    numbers = np.random.default_rng(dice.randrange(1 << 30))
    key = numbers.integers(0, 1 << depth, channels)
    # Few different ones, and near the key: a comparison of the upper byte alone would be wrong.
    near = (key + numbers.integers(-1, 2, (SIDE, SIDE, channels))) % (1 << depth)
    some = numbers.integers(0, 2, (SIDE, SIDE, 1))
    samples = np.where(some, key, near).repeat(8, 0).repeat(8, 1)
    colour = 2 if channels == 3 else 0
    header = struct.pack(">IIBBBBB", SIDE * 8, SIDE * 8, depth, colour, 0, 0, 0)
    stored = samples.reshape(SIDE * 8, -1)
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            chunk(b"IHDR", header),
            chunk(b"tRNS", b"".join(struct.pack(">H", int(value)) for value in key)),
            chunk(b"IDAT", packed(stored, depth)),
            chunk(b"IEND", b""),
        )
    )
    return content, (samples != key).any(axis=2)


@pytest.mark.parametrize(
    ("depth", "channels"), [(1, 1), (2, 1), (4, 1), (8, 1), (16, 1), (8, 3), (16, 3)]
)
@pytest.mark.parametrize("seed", range(4))
def test_the_transparent_colour_of_a_png_of_any_depth_is_transparent(
    tmp_path: Path, depth: int, channels: int, seed: int
) -> None:
    content, opaque = keyed(random.Random(f"{depth} {channels} {seed}"), depth, channels)
    path = tmp_path / "keyed.png"
    path.write_bytes(content)
    made = rendered(path, longest_side=SIDE * 4).image.convert("RGBA").getchannel("A")
    alpha = np.asarray(made) >= 128
    assert (alpha == opaque[::2, ::2]).all(), f"{depth} bits, {channels} channels, seed {seed}"


def picture(
    box: tuple[int, int, int, int], colour: int, disposal: int, clear: int | None = None
) -> bytes:
    """Return a control block and a picture of one colour; where `clear`, its left half is that."""
    left, top, right, bottom = box
    alone = Image.new("P", (right - left, bottom - top), colour)
    alone.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255] + [9] * 12)
    if clear is not None:
        alone.paste(clear, (0, 0, alone.width // 2, alone.height))
    file = BytesIO()
    alone.save(file, "GIF", optimize=False)
    whole = file.getvalue()
    at = whole.index(b",\0\0\0\0")
    pixels = whole[at + 10 : -1]
    table = whole[13 : 13 + (3 << ((whole[10] & 7) + 1))]
    flags = 0x80 | (whole[10] & 7)
    control = struct.pack("<BHB", disposal << 2 | (clear is not None), 10, clear or 0)
    return (
        b"\x21\xf9\x04" + control + b"\0,"
        + struct.pack("<4HB", left, top, alone.width, alone.height, flags)
        + table + pixels
    )  # fmt: skip


SHOWN = ((0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255))


def random_gif(dice: random.Random, count: int) -> tuple[bytes, list[np.ndarray]]:
    """Return a GIF of boxes, and its frames as GIF89a and browsers have them, `RGBA`."""
    side = 64
    canvas = np.zeros((side, side, 4), np.uint8)
    parts = [b"GIF89a", struct.pack("<HHBBB", side, side, 0x80, 0, 0), bytes((255, 0, 0, 0, 0, 0))]
    frames = []
    for _ in range(count):
        left, top = (4 * dice.randrange(12) for _ in range(2))
        right, bottom = (start + 4 * dice.randint(1, (side - start) // 4) for start in (left, top))
        colour, disposal = dice.randrange(1, 4), dice.randrange(4)
        clear = dice.choice((None, None, 0))
        parts.append(picture((left, top, right, bottom), colour, disposal, clear))
        before = canvas.copy()
        begins = left + (right - left) // 2 if clear is not None else left
        canvas[top:bottom, begins:right] = (*SHOWN[colour], 255)
        frames.append(canvas.copy())
        if disposal == 2:
            canvas[top:bottom, left:right] = 0
        elif disposal == 3:
            canvas = before
    return b"".join([*parts, b";"]), frames


@pytest.mark.parametrize("count", [1, 2, 3, 6])
@pytest.mark.parametrize("seed", range(10))
def test_a_gif_made_anew_shows_what_browsers_show(tmp_path: Path, count: int, seed: int) -> None:
    content, frames = random_gif(random.Random(f"gif {count} {seed}"), count)
    path = tmp_path / "boxes.gif"
    path.write_bytes(content)
    result = rendered(path, longest_side=32)
    assert getattr(result.image, "n_frames", 1) == count
    for number, frame in enumerate(frames):
        result.image.seek(number)
        made = np.asarray(result.image.convert("RGBA"))
        wanted = frame[::2, ::2]
        where = f"seed {seed}, frame {number}"
        assert ((made[..., 3] >= 128) == (wanted[..., 3] >= 128)).mean() > 0.98, where
        there = wanted[..., 3] >= 128
        off = np.abs(made[there][:, :3].astype(int) - wanted[there][:, :3]).max(axis=1)
        assert (off < 60).mean() > 0.9 if there.any() else True, where
