"""Whatever is raised over foreign bytes becomes a refusal with a reason and a sentence."""

from __future__ import annotations

import errno

import pytest
from PIL import Image, UnidentifiedImageError

from pipeline.errors import PhotoRefused
from pipeline.formats.decoding import reading, reading_header, writing
from pipeline.lifecycle import Reason
from tests.formats.samples import assert_readable

OURS = PhotoRefused(Reason.REPLACED, "it was changed")

BOTH = [
    (OURS, Reason.REPLACED),
    (MemoryError(), Reason.NO_MEMORY),
    (Image.DecompressionBombError("too large"), Reason.TOO_MANY_PIXELS),
    (Image.DecompressionBombWarning("too large"), Reason.TOO_MANY_PIXELS),
    (OSError(errno.EIO, "Input/output error"), Reason.UNREADABLE),
    (UnidentifiedImageError("cannot identify image file"), Reason.DAMAGED),
    (OSError("broken data stream"), Reason.DAMAGED),
    (IndexError("index out of range"), Reason.DAMAGED),
    (SyntaxError(), Reason.DAMAGED),
]


@pytest.mark.parametrize(("error", "reason"), BOTH)
def test_looking_at_a_header_raises_nothing_foreign(error: Exception, reason: Reason) -> None:
    with pytest.raises(PhotoRefused) as caught, reading_header():
        raise error
    assert caught.value.reason is reason
    assert_readable(caught.value)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        *BOTH,
        (EOFError("no more frames"), Reason.TRUNCATED),
        (OSError("image file is truncated (3 bytes not processed)"), Reason.TRUNCATED),
        (ValueError("Truncated File Read"), Reason.TRUNCATED),
    ],
)
def test_decoding_raises_nothing_foreign(error: Exception, reason: Reason) -> None:
    with pytest.raises(PhotoRefused) as caught, reading():
        raise error
    assert caught.value.reason is reason
    assert error is OURS or caught.value.__cause__ is error


def test_a_picture_that_cannot_be_made_is_said_to_be_our_fault() -> None:
    for error, reason in (
        (OURS, Reason.REPLACED),
        (MemoryError(), Reason.NO_MEMORY),
        (OSError("encoder error -2"), Reason.DEFECT),
    ):
        with pytest.raises(PhotoRefused) as caught, writing("a JPEG"):
            raise error
        assert caught.value.reason is reason
    assert "a fault of the program" in str(caught.value)
    assert "a JPEG (encoder error -2)" in str(caught.value)


def test_what_a_library_says_is_cut_to_a_line() -> None:
    with pytest.raises(PhotoRefused) as caught, reading():
        raise ValueError("much\n  to say " * 100)
    assert_readable(caught.value)
