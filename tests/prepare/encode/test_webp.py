"""WebP: transparency without loss, colours as well as the limit affords, animations."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from pipeline.formats.notice import NO_NOTICE
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target
from pipeline.prepare.encode.webp import encode_animated_webp, encode_webp, encode_webp_lossless
from pipeline.values import EncodeSettings
from tests.prepare.rendering import photo

Encode = Callable[[Image.Image, Target], Encoded | DidNotFit]


def target(max_bytes: int) -> Target:
    return Target(max_bytes=max_bytes, encoding=EncodeSettings(), notice=NO_NOTICE)


def shaded(width: int, height: int, noise: float = 6) -> Image.Image:
    image = photo(width, height, noise=noise)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def decoded(made: Encoded | DidNotFit) -> Image.Image:
    assert isinstance(made, Encoded)
    return Image.open(io.BytesIO(made.content))


def test_without_loss_every_visible_pixel_stays_as_it_is() -> None:
    image = shaded(300, 200)
    image.putalpha(image.getchannel("A").point(lambda alpha: max(1, alpha)))
    made = decoded(encode_webp_lossless(image, target(1_000_000)))
    assert made.convert("RGBA").tobytes() == image.tobytes()


def test_with_loss_it_meets_its_limit_and_alpha_stays() -> None:
    image = shaded(800, 600, noise=25)
    made = encode_webp(image, target(180_000))
    assert isinstance(made, Encoded)
    assert 180_000 * 0.85 < len(made.content) <= 180_000
    assert made.encode_report.quality is not None
    alpha = decoded(made).convert("RGBA").getchannel("A")
    assert alpha.tobytes() == image.getchannel("A").tobytes()


@pytest.mark.parametrize(
    ("encode", "said"),
    [(encode_webp, "at WebP quality 60 ("), (encode_webp_lossless, "as a lossless WebP (")],
)
def test_what_does_not_fit_says_what_was_tried(encode: Encode, said: str) -> None:
    missed = encode(shaded(800, 600, noise=60), target(20_000))
    assert isinstance(missed, DidNotFit)
    assert f"800 × 600 {said}" in missed.tried
    assert 0 < missed.scale < 1


@pytest.mark.parametrize("encode", [encode_webp, encode_webp_lossless])
def test_more_pixels_a_side_than_a_webp_has_are_an_exact_miss(encode: Encode) -> None:
    missed = encode(Image.new("RGBA", (16_384, 1)), target(1_000_000))
    assert isinstance(missed, DidNotFit)
    assert (missed.exact, missed.scale) == (True, 16_383 / 16_384)


@pytest.mark.parametrize(("loop", "found"), [(None, 1), (0, 0), (5, 5)])
def test_an_animation_keeps_its_times_and_its_repetitions(loop: int | None, found: int) -> None:
    images = [photo(90, 60, seed=seed) for seed in range(4)]
    content = encode_animated_webp(
        iter(images), [40, 100, 70, 50], loop=loop, quality=90, notice=NO_NOTICE
    )
    made = Image.open(io.BytesIO(content))
    times = []
    for frame in range(4):
        made.seek(frame)
        made.load()
        times.append(made.info["duration"])
    assert times == [40, 100, 70, 50]
    assert made.info["loop"] == found
