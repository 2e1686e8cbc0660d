"""An animation that is not whole is none: the still is shown, whole, and without its remains."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.formats.apng import Sequence
from tests.formats.samples import chunk
from tests.prepare.rendering import rendered

SIDE = 24


def frame_control(
    number: int, *, side: int = SIDE, at: int = 0, delay: int = 1
) -> tuple[bytes, bytes]:
    return b"fcTL", struct.pack(">5I2HBB", number, side, side, at, at, delay, 10, 0, 0)


def pixels(colour: int) -> bytes:
    return zlib.compress((b"\0" + bytes((colour, 0, 0)) * SIDE) * SIDE)


def animation(*, leading: bool = True, frames: int = 3) -> list[tuple[bytes, bytes]]:
    """Return the chunks of an animation; its default image is one of its frames if `leading`."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)),
        (b"acTL", struct.pack(">II", frames, 0)),
    ]
    number = 0
    if leading:
        parts.append(frame_control(number))
        number += 1
    parts.append((b"IDAT", pixels(10)))
    for frame in range(1 if leading else 0, frames):
        data = struct.pack(">I", number + 1) + pixels(60 + 40 * frame)
        parts += [frame_control(number), (b"fdAT", data)]
        number += 2
    return [*parts, (b"IEND", b"")]


def written(path: Path, parts: list[tuple[bytes, bytes]], wrong: int = -1) -> Path:
    """Write chunks; the one of a number gets a wrong check sum."""
    content = b"\x89PNG\r\n\x1a\n"
    for number, part in enumerate(parts):
        whole = chunk(*part)
        content += whole[:-1] + bytes([whole[-1] ^ 1]) if number == wrong else whole
    path.write_bytes(content)
    return path


def broken(dice: random.Random) -> tuple[list[tuple[bytes, bytes]], int]:
    """Break an animation in one of many ways; return its chunks, and the one with a wrong sum."""
    parts = animation(leading=dice.random() < 0.7)
    some = [number for number, (kind, _) in enumerate(parts) if kind in (b"fcTL", b"fdAT")]
    at = dice.choice(some)
    kind, content = parts[at]
    how = dice.randrange(11)
    if how == 0:
        parts[1] = (b"acTL", struct.pack(">II", dice.choice((0, 4, 77)), 0))
    elif how == 1:
        parts[1] = (b"acTL", parts[1][1][: dice.randrange(8)])
    elif how == 2:
        parts[at] = (kind, struct.pack(">I", dice.randrange(8, 99)) + content[4:])
    elif how == 3:
        del parts[at]
    elif how == 4:
        parts[at] = (kind, content[: dice.randrange(4)])
    elif how == 5:
        controls = [number for number in some if parts[number][0] == b"fcTL"]
        parts[controls[-1]] = frame_control(parts[controls[-1]][1][3], at=dice.randint(1, 9))
    elif how == 6:
        parts.insert(dice.randrange(2, len(parts)), parts[1])
    elif how == 7:
        return parts, at
    else:
        data = [number for number in some if parts[number][0] == b"fdAT"]
        at = dice.choice(data)
        number, packed = parts[at][1][:4], parts[at][1][4:]
        torn = (
            packed[: dice.randrange(len(packed) // 2)],
            dice.randbytes(20),
            zlib.compress(zlib.decompress(packed)[: -dice.randint(1, 400)]),
        )
        parts[at] = (b"fdAT", number + torn[how - 8])
    return parts, -1


@pytest.mark.parametrize("seed", range(60))
def test_a_broken_animation_is_shown_as_its_still(tmp_path: Path, seed: int) -> None:
    parts, wrong = broken(random.Random(seed))
    result = rendered(written(tmp_path / "a.png", parts, wrong))
    assert result.inspection.frames == getattr(result.image, "n_frames", 1) == 1, seed
    assert (np.asarray(result.image.convert("RGB")) == (10, 0, 0)).all(), seed
    assert b"acTL" not in result.content
    assert not result.picture.passthrough
    assert "the animation is not whole, so the still is shown" in result.picture.work


@pytest.mark.parametrize("laced", [0, 1])
@pytest.mark.parametrize(("colour", "depth"), [(0, 1), (0, 16), (2, 8), (3, 4), (4, 8), (6, 16)])
def test_a_whole_frame_of_any_shape_is_seen_to_be_whole(
    colour: int, depth: int, laced: int
) -> None:
    dice = random.Random(colour * 100 + depth)
    for _ in range(20):
        sides = dice.randint(1, 20), dice.randint(1, 20)
        bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        rows = rows_of(*sides, bits) if not laced else laced_rows(*sides, bits)
        for short in (0, 1):
            sequence = Sequence()
            head = struct.pack(">IIBBBBB", *sides, depth, colour, 0, 0, laced)
            told = ((b"IHDR", head), (b"acTL", struct.pack(">II", 2, 0)))
            for kind, content in (*told, (b"fcTL", control(0, *sides)), (b"IDAT", b"")):
                sequence.read(kind, content, sides, sound=True)
            sequence.read(b"fcTL", control(1, *sides), sides, sound=True)
            sequence.read(b"fdAT", struct.pack(">I", 2), sides, sound=True)
            sequence.read_pixels(zlib.compress(bytes(rows - short)))
            assert sequence.broken is bool(short), (sides, short)


def control(number: int, width: int, height: int) -> bytes:
    return struct.pack(">5I2HBB", number, width, height, 0, 0, 1, 10, 0, 0)


def rows_of(width: int, height: int, bits: int) -> int:
    return height * (1 + -(-width * bits // 8)) if width else 0


def laced_rows(width: int, height: int, bits: int) -> int:
    """Return the bytes of all passes, by the specification's table of pixels."""
    odd = ("77777777", "56565656", "77777777")
    table = ("16462646", *odd, "36463646", *odd)
    total = 0
    for number in "1234567":
        rows = [sum(table[y % 8][x % 8] == number for x in range(width)) for y in range(height)]
        total += sum(rows_of(across, 1, bits) for across in rows)
    return total


@pytest.mark.parametrize("leading", [True, False])
@pytest.mark.parametrize("frames", [2, 3])
def test_a_whole_animation_stays_one_even_beside_another_still(
    tmp_path: Path, leading: bool, frames: int
) -> None:
    parts = animation(leading=leading, frames=frames)
    parts.insert(1, (b"tEXt", b"Location\0here"))  # private: it has to be taken out
    result = rendered(written(tmp_path / "a.png", parts))
    assert result.inspection.frames == frames
    assert getattr(result.image, "n_frames", 1) == frames + (not leading)


def test_one_frame_that_is_not_the_still_is_no_animation(tmp_path: Path) -> None:
    parts = animation(leading=False, frames=1)
    result = rendered(written(tmp_path / "a.png", parts))
    assert getattr(result.image, "n_frames", 1) == 1
    assert (np.asarray(result.image.convert("RGB")) == (10, 0, 0)).all()
    assert isinstance(result.image, Image.Image)
