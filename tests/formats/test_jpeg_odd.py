"""JPEGs with something odd before their picture, which browsers show whole, are taken."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, reason, segment
from tests.prepare.rendering import rendered

JPEG = SAMPLES[ImageFormat.JPEG]
JFIF_END = 4 + int.from_bytes(JPEG[4:6], "big")

ODD = {
    "zeros": segment(0xE5, b"note") + bytes(7),
    "junk": segment(0xE5, b"note") + b"some junk",
    "escaped": segment(0xFE, b"note") + b"\xff\x00\xff\x00x",
    "length of 0": b"\xff\xe7\0\0",
    "length of 1": b"\xff\xfe\0\1",
    "length over the next": b"\xff\xe1\0\x0cExif\0\0\xff\xe5\0\4ab",
    "short JFIF": segment(0xE0, b"JFIF\0"),
    "short Adobe": segment(0xEE, b"Adobe"),
    "short profile": segment(0xE2, b"ICC_PROFILE\0"),
    "profile without a part": segment(0xE2, b"ICC_PROFILE\0\1"),
    "a coder's filler": b"\xff\x01",
    "short Photoshop": segment(0xED, b"Photoshop 3.0\x008BIM\4"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_before_the_picture_goes_and_the_pixels_stay(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG[:JFIF_END] + ODD[name] + JPEG[JFIF_END:])
    result = rendered(path)
    plain = tmp_path / "plain.jpg"
    plain.write_bytes(JPEG)
    assert result.picture.work == (
        "bytes that are no part of it left out",
        "metadata removed, pixels as they were",
    )
    assert (np.asarray(result.image) == np.asarray(rendered(plain).image)).all()
    assert ODD[name] not in result.content


@pytest.mark.parametrize("seed", range(20))
def test_junk_behind_what_the_picture_needs_is_damage(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    at, places = 2, []
    while JPEG[at + 1] != 0xDA:
        at += 2 + int.from_bytes(JPEG[at + 2 : at + 4], "big")
        places.append(at)
    place = dice.choice(places)
    junk = bytes(dice.randrange(1, 255) for _ in range(dice.randint(1, 40)))
    assert reason(tmp_path, JPEG[:place] + junk + JPEG[place:]) is Reason.DAMAGED
