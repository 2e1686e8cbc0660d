"""A patched file reads like the file that its pieces make."""

from __future__ import annotations

import io
import random

import pytest

from pipeline.formats.patched import Piece, patched


@pytest.mark.parametrize("seed", range(20))
def test_any_pieces_read_like_one_file(seed: int) -> None:
    dice = random.Random(seed)
    whole = dice.randbytes(40_000)
    pieces: list[Piece] = []
    wanted = b""
    for _ in range(dice.randint(1, 9)):
        start = dice.randrange(30_000)
        stop = start + dice.randint(1, 9000)
        ours = dice.random() < 0.4
        pieces.append(whole[start:stop] if ours else (start, stop))
        wanted += whole[start:stop]
    file, known = patched(io.BytesIO(whole), pieces), io.BytesIO(wanted)
    for _ in range(60):
        place, count = dice.randrange(len(wanted) + 10), dice.choice((1, 7, 4096, 30_000, -1))
        assert file.seek(place) == known.seek(place)
        assert file.read(count) == known.read(count), seed
    assert file.seek(0, io.SEEK_END) == len(wanted)
