"""A finished picture is proved; a miss says what to try next."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare.encode.result import DidNotFit, Encoded, check_encoded
from pipeline.values import EncodeReport, ImageFormat, Limits
from tests.prepare.rendering import photo


def made(frames: int = 1) -> Encoded:
    file = io.BytesIO()
    images = [photo(60, 40, seed=seed) for seed in range(frames)]
    if frames == 1:
        images[0].save(file, "JPEG")
    else:
        images[0].save(file, "GIF", save_all=True, append_images=images[1:])
    return Encoded(
        content=file.getvalue(),
        format=ImageFormat.JPEG if frames == 1 else ImageFormat.GIF,
        width=60,
        height=40,
        work=(),
        encode_report=EncodeReport(),
    )


def test_a_picture_that_is_what_it_should_be_passes() -> None:
    check_encoded(made(), Limits())
    check_encoded(made(3), Limits(), 3)


@pytest.mark.parametrize(
    ("wrong", "limits", "frames"),
    [
        (replace(made(), width=61), Limits(), 1),
        (made(), Limits(max_bytes=100), 1),
        (made(), Limits(longest_side=59), 1),
        (made(3), Limits(), 4),
        (made(3), Limits(), 2),
        (replace(made(), content=made().content[:-200]), Limits(), 1),
        (replace(made(), content=b"nothing"), Limits(), 1),
        (replace(made(), format=ImageFormat.PNG), Limits(), 1),
    ],
)
def test_anything_else_is_a_fault_of_the_program(
    wrong: Encoded, limits: Limits, frames: int
) -> None:
    with pytest.raises(PhotoRefused) as refused:
        check_encoded(wrong, limits, frames)
    assert refused.value.reason is Reason.DEFECT


def test_the_next_try_leaves_room_for_quality_but_a_format_s_own_limit_needs_none() -> None:
    assert DidNotFit(tried="", scale=0.5).next_scale == pytest.approx(0.465)
    assert DidNotFit(tried="", scale=0.999).next_scale == 0.9
    assert DidNotFit(tried="", scale=0.999, exact=True).next_scale == 0.999
