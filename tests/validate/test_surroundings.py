"""What the disk does to a file: gone, a link, a pipe, another one, shorter while it is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline.errors import PhotoRefused
from pipeline.formats.reader import Reader
from pipeline.lifecycle import Reason
from pipeline.originals import open_regular
from pipeline.validate import check
from pipeline.values import ImageFormat
from tests.validate.samples import LIMITS, SAMPLES, original

WHOLE = SAMPLES[ImageFormat.JPEG]


def refused(path: Path, content: bytes, becomes: bytes | None) -> Reason:
    """Receive a file, let another content take its place, and check it."""
    received = original(path, content)
    if becomes is None:
        path.unlink()
    else:
        path.write_bytes(becomes)
    with pytest.raises(PhotoRefused) as caught:
        check(received, LIMITS)
    return caught.value.reason


def test_a_file_that_is_gone_has_vanished(tmp_path: Path) -> None:
    assert refused(tmp_path / "photo.jpg", WHOLE, None) is Reason.VANISHED


def test_no_verdict_is_given_on_another_content(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    assert refused(path, WHOLE, WHOLE[:-100]) is Reason.REPLACED
    assert refused(path, WHOLE, b"") is Reason.REPLACED
    assert refused(path, WHOLE, WHOLE[:-2] + b"xx") is Reason.REPLACED
    assert refused(path, WHOLE, bytes(len(WHOLE))) is Reason.REPLACED


def test_a_link_is_no_file(tmp_path: Path) -> None:
    received = original(tmp_path / "photo.jpg", WHOLE)
    received.path.rename(tmp_path / "elsewhere.jpg")
    received.path.symlink_to(tmp_path / "elsewhere.jpg")
    with pytest.raises(PhotoRefused) as caught:
        check(received, LIMITS)
    assert caught.value.reason is Reason.NOT_A_FILE


def test_a_folder_is_no_photograph(tmp_path: Path) -> None:
    received = original(tmp_path / "photo.jpg", WHOLE)
    received.path.unlink()
    received.path.mkdir()
    with pytest.raises(PhotoRefused) as caught:
        check(received, LIMITS)
    assert caught.value.reason in (Reason.NOT_A_FILE, Reason.UNREADABLE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    received = original(tmp_path / "photo.jpg", WHOLE)
    received.path.unlink()
    os.mkfifo(received.path)
    with pytest.raises(PhotoRefused) as caught:
        check(received, LIMITS)
    assert caught.value.reason is Reason.NOT_A_FILE


def test_a_file_that_shrinks_while_it_is_read_ends_early(tmp_path: Path) -> None:
    received = original(tmp_path / "photo.jpg", WHOLE)
    with open_regular(received.path) as file:
        reader = Reader(file)
        os.truncate(received.path, 100)
        with pytest.raises(PhotoRefused) as caught:
            reader.exactly(500, 20)
        assert caught.value.reason is Reason.TRUNCATED
        assert b"".join(reader.pieces(0, len(WHOLE))) == WHOLE[:100]
