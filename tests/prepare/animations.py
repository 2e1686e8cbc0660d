"""Animations for tests: made, written, and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from tests.prepare.rendering import Rendered, photo


def turning(count: int, width: int = 300, height: int = 200) -> list[Image.Image]:
    scene = photo(width, height, noise=2)
    return [scene.rotate(5 * number) for number in range(count)]


def balls(count: int) -> list[Image.Image]:
    """A ball that leaves nothing behind it."""
    frames = []
    for number in range(count):
        frame = Image.new("RGBA", (160, 100))
        left = 4 * number
        ImageDraw.Draw(frame).ellipse((left, 20, left + 40, 60), fill=(200, 30, 30, 255))
        frames.append(frame)
    return frames


def saved(path: Path, frames: list[Image.Image], **options: Any) -> Path:
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    return path


def durations(result: Rendered) -> list[int]:
    found = []
    for frame in range(getattr(result.image, "n_frames", 1)):
        result.image.seek(frame)
        result.image.load()
        found.append(round(result.image.info["duration"]))
    return found


def shown(result: Rendered, frame: int) -> Image.Image:
    result.image.seek(frame)
    return result.image.convert("RGBA")
