"""A file is read in bounded pieces, and its end is where it was at the beginning."""

from __future__ import annotations

import errno
import io
import os
import random
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.formats.reader import PIECE_BYTES, Reader
from pipeline.lifecycle import Reason
from pipeline.originals import open_regular
from pipeline.values import ImageFormat
from tests.formats.samples import SAMPLES, original

WHOLE = SAMPLES[ImageFormat.JPEG]


def test_a_file_that_shrinks_while_it_is_read_ends_early(tmp_path: Path) -> None:
    received = original(tmp_path / "photo.jpg", WHOLE)
    with open_regular(received.path) as file:
        reader = Reader(file)
        os.truncate(received.path, 100)
        with pytest.raises(PhotoRefused) as caught:
            reader.exactly(500, 20)
        assert caught.value.reason is Reason.TRUNCATED
        assert b"".join(reader.pieces(0, len(WHOLE))) == WHOLE[:100]


@pytest.fixture
def reader() -> Reader:
    return Reader(io.BytesIO(b"abc" + bytes(5)))


def test_bytes_are_read_at_any_place(reader: Reader) -> None:
    assert reader.size == 8
    assert reader.some(1, 2) == reader.exactly(1, 2) == b"bc"
    assert reader.some(6, 100) == bytes(2)
    assert reader.some(100, 1) == b""


def test_a_part_that_reaches_beyond_the_end_is_cut_off(reader: Reader) -> None:
    for start, length in ((7, 2), (100, 1), (0, 1 << 62)):
        with pytest.raises(PhotoRefused) as caught:
            reader.exactly(start, length)
        assert caught.value.reason is Reason.TRUNCATED


def test_a_large_file_is_read_in_pieces() -> None:
    content = random.Random(1).randbytes(2 * PIECE_BYTES + 5)
    reader = Reader(io.BytesIO(content))
    pieces = list(reader.pieces(3, len(content) - 1))
    assert b"".join(pieces) == content[3:-1]
    assert max(map(len, pieces)) == PIECE_BYTES


def test_the_zeros_at_an_end_are_found_across_pieces(reader: Reader) -> None:
    assert reader.zeros_from(0, 8) == 3
    assert reader.zeros_from(0, 3) == 3
    assert reader.zeros_from(4, 8) == 4
    for zeros in (0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES):
        content = b"x" * 10 + bytes(zeros)
        assert Reader(io.BytesIO(content)).zeros_from(0, len(content)) == 10
        assert Reader(io.BytesIO(content)).zeros_from(10, len(content)) == 10


def test_a_disk_that_fails_is_a_refusal() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(PhotoRefused) as caught:
        Reader(Failing(b"abc")).some(0, 1)
    assert caught.value.reason is Reason.UNREADABLE
