"""GIF: differences between frames, and an end as soon as it is too large."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from pipeline.prepare.encode.gif import GifAttempt, encode_gif
from tests.prepare.animations import balls, turning
from tests.prepare.rendering import graphic, typical


def encoded(
    images: list[Image.Image], *, colours: int = 256, clearing: bool = False, most: int = 10**6
) -> GifAttempt:
    return encode_gif(
        images,
        [50 + 10 * number for number in range(len(images))],
        size=images[0].size,
        loop=3,
        colours=colours,
        clearing=clearing,
        max_bytes=most,
    )


def frames(made: GifAttempt) -> Iterator[Image.Image]:
    assert made.content is not None
    image = Image.open(io.BytesIO(made.content))
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        yield image


def test_frames_times_and_repetitions_come_back() -> None:
    images = turning(4)
    made = encoded(images)
    assert made.content is not None
    assert made.size == len(made.content)
    shown = [(typical(frame, image), frame.info["duration"], frame.info["loop"])
             for frame, image in zip(frames(made), images, strict=True)]  # fmt: skip
    assert [(duration, loop) for _, duration, loop in shown] == [(50, 3), (60, 3), (70, 3), (80, 3)]
    assert max(difference for difference, *_ in shown) < 10


def test_what_did_not_change_costs_hardly_anything() -> None:
    image = graphic()
    dotted = image.copy()
    dotted.paste("green", (10, 10, 14, 14))
    assert encoded([image, dotted, dotted]).size < encoded([image]).size + 400


def test_what_becomes_clear_again_is_cleared() -> None:
    images = balls(5)
    for frame, image in zip(frames(encoded(images, clearing=True)), images, strict=True):
        there = np.asarray(frame.convert("RGBA").getchannel("A")) > 127
        assert (there == (np.asarray(image.getchannel("A")) > 127)).all()


@pytest.mark.parametrize("colours", [4, 32, 256])
def test_a_frame_has_no_more_colours_than_are_allowed(colours: int) -> None:
    (frame,) = frames(encoded(turning(1), colours=colours))
    found = frame.convert("RGB").getcolors(256)
    assert found is not None
    assert len(found) <= colours


def test_it_ends_as_soon_as_it_is_too_large_and_foretells_the_whole() -> None:
    images = turning(10)
    whole = encoded(images).size
    read = 0

    def counted() -> Iterator[Image.Image]:
        nonlocal read
        for image in images:
            read += 1
            yield image

    ended = encode_gif(
        counted(), [50] * 10, size=images[0].size, loop=0, colours=256, clearing=False,
        max_bytes=int(whole / 3),
    )  # fmt: skip
    assert ended.content is None
    assert read < 6
    assert 0.7 < ended.size / whole < 1.3
