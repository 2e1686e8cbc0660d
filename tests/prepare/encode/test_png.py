"""PNG: without loss, with a palette where that loses nothing."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pipeline.formats.notice import Notice
from pipeline.prepare.encode.png import encode_png
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target
from pipeline.values import EncodeSettings
from tests.prepare.rendering import graphic, photo, worst


def target(max_bytes: int = 1_000_000, exif: bytes = b"") -> Target:
    return Target(max_bytes=max_bytes, encoding=EncodeSettings(), notice=Notice(exif=exif))


def decoded(made: Encoded | DidNotFit) -> Image.Image:
    assert isinstance(made, Encoded)
    return Image.open(io.BytesIO(made.content))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("drawn", [True, False])
def test_every_pixel_stays_as_it_is(mode: str, drawn: bool) -> None:
    image = (graphic if drawn else photo)(200, 130)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    image = image.convert(mode)
    assert worst(decoded(encode_png(image, target())), image) == 0


def test_few_colours_get_a_palette_with_the_clear_ones_first() -> None:
    image = Image.new("RGBA", (60, 40), (200, 30, 30, 255))
    image.paste((1, 2, 3, 0), (0, 0, 20, 20))
    image.paste((9, 9, 9, 128), (20, 0, 40, 20))
    made = decoded(encode_png(image, target()))
    assert made.mode == "P"
    assert made.info["transparency"] == bytes([0, 128])
    assert worst(made, image) == 0


@pytest.mark.parametrize(("colours", "mode"), [(256, "P"), (257, "RGB")])
def test_a_palette_holds_256_colours(colours: int, mode: str) -> None:
    values = np.zeros((1, colours, 3), np.uint8)
    values[0, :, 0] = np.arange(colours) % 256
    values[0, :, 1] = np.arange(colours) // 256
    assert decoded(encode_png(Image.fromarray(values), target())).mode == mode


def test_what_does_not_fit_says_how_large_it_is() -> None:
    missed = encode_png(photo(900, 700, noise=30), target(100_000))
    assert isinstance(missed, DidNotFit)
    assert missed.tried.startswith("900 × 700 as a lossless PNG (1.")
    assert 0.1 < missed.scale < 0.5


def test_metadata_that_is_kept_goes_along() -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ann"
    made = decoded(encode_png(graphic(80, 60), target(exif=exif.tobytes())))
    assert made.getexif()[0x013B] == "Ann"
