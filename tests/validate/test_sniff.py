"""What a file is, is decided by its content."""

from __future__ import annotations

from pathlib import Path

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat
from tests.formats.samples import (
    SAMPLES,
    refusal,
)

NONE = Reason.NOT_AN_IMAGE


def test_noise_is_no_picture(tmp_path: Path) -> None:
    refused = refusal(tmp_path, bytes(range(1, 256)) * 40)
    assert refused.reason is NONE
    assert "no kind of picture begins as it does" in str(refused)


def test_a_file_without_its_beginning_is_named_as_such(tmp_path: Path) -> None:
    content = SAMPLES[ImageFormat.JPEG]
    refused = refusal(tmp_path, bytes(4096) + content[4096:] + content)
    assert refused.reason is NONE
    assert "its beginning is empty" in str(refused)


def test_a_file_of_zeros_is_named_as_such(tmp_path: Path) -> None:
    refused = refusal(tmp_path, bytes(10_000))
    assert refused.reason is Reason.NOT_AN_IMAGE
    assert "nothing but zeros" in str(refused)
