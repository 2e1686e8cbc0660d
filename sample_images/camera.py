"""Turn a clean render into what a camera would have made of the same scene.

A render has no grain and no dust; a photograph is never without. In linear light: the fine
structure of surfaces, the lens's fall-off towards the corners, photon noise and read noise of the
sensor, both smeared over neighbouring pixels by demosaicing and mixed between the channels by the
camera's colour matrix; then the sharpening that cameras do to their JPEGs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from profiles import SRGB, WIDE, from_srgb, linear

__all__ = ["Sensor", "photograph"]

Field = NDArray[np.float32]

_TO_COLOURS: Final = np.array(
    [[1.55, -0.45, -0.10], [-0.20, 1.40, -0.20], [0.02, -0.50, 1.48]], np.float32
)
"""The camera's matrix from the colours of its filters to those of a screen; rows sum to 1."""
_GAINS: Final = (2.0, 1.0, 1.6)
"""The white balance: red and blue are amplified, and their noise with them."""
_SHARPENING: Final = ImageFilter.UnsharpMask(radius=1.0, percent=55, threshold=0)
_LUMA: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, kw_only=True)
class Sensor:
    """How coarse a camera's picture is."""

    seed: int
    electrons: int
    """What a pixel holds at white: the fewer, the more noise."""
    read_noise: float = 3.0
    surface: float = 0.02
    """The fine structure of paper and wood, as a part of their brightness."""
    vividness: float = 1.0


def photograph(
    render: Image.Image, size: tuple[int, int], sensor: Sensor, *, wide: bool = False
) -> Image.Image:
    """Give the picture of a render at a size, in sRGB or in the wide space."""
    dice = np.random.default_rng(sensor.seed)
    scaled = render.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    light = linear(np.arange(256, dtype=np.float32) / np.float32(255))[np.asarray(scaled)]
    if wide:
        light = light @ from_srgb(WIDE).T.astype(np.float32)
    if sensor.vividness != 1:
        grey = (light @ _LUMA)[..., None]
        light = np.maximum(grey + (light - grey) * np.float32(sensor.vividness), np.float32(0))
    light *= _fall_off(light.shape[:2])[..., None]
    light *= (1 + np.float32(sensor.surface) * _structure(dice, light.shape[:2]))[..., None]
    light += _noise(dice, light, sensor)
    np.clip(light, 0, 1, out=light)
    space = WIDE if wide else SRGB
    values = space.values(light) * np.float32(255) + np.float32(0.5)
    return Image.fromarray(values.astype(np.uint8), "RGB").filter(_SHARPENING)


def _noise(dice: np.random.Generator, light: Field, sensor: Sensor) -> Field:
    raw = np.empty_like(light)
    for channel, gain in enumerate(_GAINS):
        full = np.float32(sensor.electrons / gain)
        spread = np.sqrt(light[..., channel] * full + np.float32(sensor.read_noise**2)) / full
        grains = dice.standard_normal(light.shape[:2], dtype=np.float32)
        # Green has two of the filter's four places, red and blue one: these are smeared more.
        grains = _smear(grains, 0.15 if channel == 1 else 0.35)
        raw[..., channel] = grains * spread
    return raw @ _TO_COLOURS.T


def _structure(dice: np.random.Generator, shape: tuple[int, int]) -> Field:
    """Give relief of a deviation of about 1: three octaves, the finest a few pixels wide."""
    height, width = shape
    relief = np.zeros(shape, np.float32)
    for coarseness, weight in ((1, 0.8), (3, 0.5), (9, 0.35)):
        size = (-(-height // coarseness), -(-width // coarseness))
        grains = _smear(dice.standard_normal(size, dtype=np.float32), 0.6) * np.float32(2.2)
        if coarseness > 1:
            layer = Image.fromarray(grains).resize((width, height), Image.Resampling.BICUBIC)
            grains = np.asarray(layer)
        relief += np.float32(weight) * grains
    return relief


def _smear(field: Field, part: float) -> Field:
    """Mix every pixel with its four neighbours."""
    for axis in (0, 1):
        beside = np.roll(field, 1, axis) + np.roll(field, -1, axis)
        field = (1 - np.float32(part)) * field + np.float32(part / 2) * beside
    return field


def _fall_off(shape: tuple[int, int]) -> Field:
    height, width = shape
    y = (np.arange(height, dtype=np.float32) / np.float32(height) - np.float32(0.5))[:, None]
    x = (np.arange(width, dtype=np.float32) / np.float32(width) - np.float32(0.5))[None, :]
    return 1 - np.float32(0.16) * (x * x + y * y)
