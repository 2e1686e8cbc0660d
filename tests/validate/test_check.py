"""A whole picture passes with the facts of its header; what is no such file is refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.validate import check
from pipeline.values import ImageFormat, Limits, Profile
from tests import posix
from tests.formats.samples import (
    LIMITS,
    SAMPLES,
    encoded,
    inspect,
    noise,
    original,
    refusal,
)


@pytest.mark.parametrize("format_", ImageFormat)
def test_a_whole_picture_passes_under_any_name(tmp_path: Path, format_: ImageFormat) -> None:
    for name in ("photo.jpg", "photo.png", "photo.tiff", "photo", f"photo{format_.suffix}"):
        found = inspect(tmp_path, SAMPLES[format_], name=name)
        assert found.format is format_
        assert (found.width, found.height) == ((48, 32) if format_ is ImageFormat.GIF else (96, 64))
        assert (found.orientation, found.frames) == (1, 1)
        assert found.profile is Profile.UNTAGGED
        assert (found.private, found.trailing) == (False, False)


@pytest.mark.parametrize("format_", ImageFormat)
def test_bytes_behind_the_end_are_seen(tmp_path: Path, format_: ImageFormat) -> None:
    for behind in (b"\0" * 1000, b"<script>", SAMPLES[ImageFormat.JPEG]):
        assert inspect(tmp_path, SAMPLES[format_] + behind).trailing


def test_a_picture_with_a_transparent_colour_passes(tmp_path: Path) -> None:
    palette = noise().quantize(16)
    for image, format_ in ((palette, "PNG"), (noise(mode="L"), "PNG"), (palette, "GIF")):
        assert inspect(tmp_path, encoded(image, format_, transparency=3)).frames == 1


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_the_pictures_of_an_animation_are_counted(tmp_path: Path, format_: str) -> None:
    more = [noise(seed=seed) for seed in (1, 2, 3)]
    content = encoded(noise(), format_, save_all=True, append_images=more, duration=100)
    found = inspect(tmp_path, content)
    assert (found.frames, found.trailing) == (4, False)
    assert (found.width, found.height) == (96, 64)


def test_an_empty_file_is_named_as_such(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"").reason is Reason.EMPTY


def test_a_file_larger_than_the_limit_is_refused_unread(tmp_path: Path) -> None:
    content = SAMPLES[ImageFormat.JPEG]
    inspect(tmp_path, content, limits=Limits(most_original_bytes=len(content)))
    refused = refusal(tmp_path, content, limits=Limits(most_original_bytes=len(content) - 1))
    assert refused.reason is Reason.FILE_TOO_LARGE


@pytest.mark.parametrize("format_", ImageFormat)
def test_more_pixels_than_the_limit_are_refused(tmp_path: Path, format_: ImageFormat) -> None:
    content = SAMPLES[format_]
    with Image.open(io.BytesIO(content)) as image:
        pixels = image.width * image.height
    inspect(tmp_path, content, limits=Limits(most_pixels=pixels))
    refused = refusal(tmp_path, content, limits=Limits(most_pixels=pixels - 1))
    assert refused.reason is Reason.TOO_MANY_PIXELS


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_more_pictures_than_the_limit_are_refused(tmp_path: Path, format_: str) -> None:
    more = [noise(seed=seed) for seed in (1, 2, 3)]
    content = encoded(noise(), format_, save_all=True, append_images=more, duration=100)
    inspect(tmp_path, content, limits=Limits(most_frames=4))
    refused = refusal(tmp_path, content, limits=Limits(most_frames=3))
    assert refused.reason is Reason.TOO_MANY_FRAMES


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
    posix.mkfifo(received.path)
    with pytest.raises(PhotoRefused) as caught:
        check(received, LIMITS)
    assert caught.value.reason is Reason.NOT_A_FILE
