"""Renders real files for tests: written, inspected by the room before, and looked at after."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pipeline.prepare import render
from pipeline.spool import Spool
from pipeline.validate import check
from pipeline.values import EncodeSettings, ImageFormat, Inspection, Limits, Original, Picture

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Rendered:
    """A picture, its bytes in the spool, and them decoded."""

    picture: Picture
    content: bytes
    image: Image.Image
    inspection: Inspection


def original_of(path: Path) -> Original:
    content = path.read_bytes()
    return Original(
        sha256=hashlib.sha256(content).hexdigest(), size=len(content), path=path, root=path.parent
    )


def rendered(
    path: Path,
    *,
    max_bytes: int = MAX_BYTES,
    longest_side: int = 2048,
    encoding: EncodeSettings | None = None,
) -> Rendered:
    """Inspect and render a file, and check what must be true of everything that goes up."""
    limits = Limits(max_bytes=max_bytes, longest_side=longest_side)
    original = original_of(path)
    inspection = check(original, limits)
    spool = Spool(path.parent / "spool")
    picture = render(original, inspection, limits, encoding or EncodeSettings(), spool)
    content = spool.path(picture.spool_name).read_bytes()
    image = Image.open(io.BytesIO(content))
    assert len(content) == picture.size <= max_bytes
    assert max(image.size) <= longest_side
    assert image.size == (picture.width, picture.height)
    assert image.format == picture.format.value
    assert picture.upload_name.endswith(picture.format.suffix)
    assert picture.format in (
        ImageFormat.JPEG,
        ImageFormat.PNG,
        ImageFormat.GIF,
        ImageFormat.WEBP,
    )
    for frame in range(getattr(image, "n_frames", 1)):
        image.seek(frame)
        image.load()
    image.seek(0)
    image.load()
    return Rendered(picture=picture, content=content, image=image, inspection=inspection)


def photo(width: int = 600, height: int = 400, *, seed: int = 1, noise: float = 6) -> Image.Image:
    """Return something like a photograph: soft shapes, sharp edges, the noise of a sensor."""
    random = np.random.default_rng(seed)
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    red = 0.5 + 0.4 * np.sin(7 * across + 3 * down)
    green = 0.5 + 0.4 * np.cos(5 * down - 2 * across)
    blue = 0.2 + 0.6 * across * down
    scene = np.stack([red, green, blue], axis=2) * 255
    disc = (across - 0.6) ** 2 + (down - 0.5) ** 2 < 0.05
    scene[disc] = (200, 30, 40)
    scene += random.normal(0, noise, scene.shape)
    return Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))


def graphic(width: int = 600, height: int = 400) -> Image.Image:
    """Return a drawing: flat colours and hard edges."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 10, height // 10, width // 2, height // 2), fill="red")
    draw.ellipse((width // 3, height // 3, width - 5, height - 5), fill=(0, 0, 160))
    draw.line((0, 0, width, height), fill="black", width=3)
    return image


def corners(width: int = 600, height: int = 400) -> Image.Image:
    """Return a picture whose upper left is red, upper right green, lower left blue, else white."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste((0, 255, 0), (width // 2, 0, width, height // 2))
    image.paste("blue", (0, height // 2, width // 2, height))
    return image


def worst(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference of two pictures in any channel, 0 to 255."""
    first = np.asarray(one.convert("RGBA")).astype(int)
    second = np.asarray(other.convert("RGBA")).astype(int)
    return int(np.abs(first - second).max())


def typical(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures over all channels."""
    first = np.asarray(one.convert("RGB")).astype(float)
    second = np.asarray(other.convert("RGB")).astype(float)
    return float(np.abs(first - second).mean())
