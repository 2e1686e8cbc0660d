"""A decode proves a picture; what cannot be decoded is refused, with nothing foreign."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare import prove_pixels, render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, ImageFormat, Inspection, Limits
from tests.prepare.rendering import graphic, original_of, photo


def refusal(path: Path, inspection: Inspection, limits: Limits | None = None) -> PhotoRefused:
    spool = Spool(path.parent / "spool")
    with pytest.raises(PhotoRefused) as refused:
        render(original_of(path), inspection, limits or Limits(), EncodeSettings(), spool)
    assert not list(path.parent.glob("spool/*/*"))
    return refused.value


def cut(whole: Path, share: float) -> tuple[Path, Inspection]:
    """Cut a good file short behind the back of the inspection."""
    inspection = check(original_of(whole), Limits())
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    return whole, inspection


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_half_a_file_is_never_made_into_a_picture(
    tmp_path: Path, format_: str, share: float
) -> None:
    path = tmp_path / "half"
    photo().save(path, format_)
    refused = refusal(*cut(path, share))
    assert refused.reason in (Reason.TRUNCATED, Reason.DAMAGED)
    assert "it again" in str(refused)


def test_a_broken_later_frame_is_found(tmp_path: Path) -> None:
    path = tmp_path / "film.gif"
    frames = [photo(200, 150, seed=seed).quantize(64) for seed in range(6)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=50)
    assert refusal(*cut(path, 0.8)).reason in (Reason.TRUNCATED, Reason.DAMAGED)


def test_another_format_than_was_inspected_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "tiff.jpg"
    content = io.BytesIO()
    photo(60, 40).save(content, "JPEG")
    path.write_bytes(content.getvalue())
    inspection = check(original_of(path), Limits())
    graphic(60, 40).save(path, "TIFF")
    assert refusal(path, inspection).reason is Reason.DAMAGED


def test_more_pixels_than_are_decoded_are_refused_by_the_header(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Image.new("1", (4000, 3000)).save(path)
    inspection = check(original_of(path), Limits())
    refused = refusal(path, inspection, Limits(most_pixels=11_999_999))
    assert refused.reason is Reason.TOO_MANY_PIXELS


def test_a_wrong_format_in_the_inspection_is_a_refusal_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo(60, 40).save(path)
    inspection = replace(check(original_of(path), Limits()), format=ImageFormat.PNG)
    assert refusal(path, inspection).reason is Reason.DAMAGED


def test_a_proof_of_pixels_says_nothing_of_a_whole_picture_and_refuses_a_broken_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "photo.jpg"
    photo(300, 200).save(path, quality=95)
    inspection = check(original_of(path), Limits())
    prove_pixels(original_of(path), inspection, Limits())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(PhotoRefused) as refused:
        prove_pixels(original_of(path), inspection, Limits())
    assert refused.value.reason in (Reason.TRUNCATED, Reason.DAMAGED)
