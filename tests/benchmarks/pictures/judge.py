"""How close a picture is to the photograph, by measures that other people made.

The reference is decoded in full, reduced in linear light by Lanczos in floats and converted to
sRGB, by Pillow's own functions: nothing of this program's way of reducing is in it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from tests.benchmarks.pictures.colours import delta_e_2000, lab_of

__all__ = ["Verdict", "judged", "measures", "reference"]

STEP: Final = 4
"""Every so many pixels the colour is compared: some 200,000 of them say enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How close a picture is: None where the measure is not installed.

    Attributes:
        ssimulacra2: 100 is equal, 90 cannot be told apart side by side, 70 is high quality.
        butteraugli: the 3-norm of the visible differences, 0 is equal, lower is better.
        colour: the mean ΔE2000, 0 is equal.
    """

    ssimulacra2: float | None
    butteraugli: float | None
    colour: float


def measures() -> dict[str, str]:
    """Return the measures at hand with their versions, or why one is not."""
    try:
        import ssimulacra2

        similarity = f"ssimulacra2 {ssimulacra2.__version__}"
    except ImportError:
        similarity = "not installed (pip install ssimulacra2)"
    found = shutil.which("butteraugli_main")
    return {
        "SSIMULACRA2": similarity,
        "Butteraugli": found or "not installed (apt install libjxl-devtools)",
        "ΔE2000": "of this benchmark",
    }


def reference(source: Path, size: tuple[int, int], folder: Path) -> Path:
    """Make the reference of a photograph at a size, once.

    Args:
        source: the photograph.
        size: width × height in pixels, upright, as a tool made it.
        folder: where references are kept.
    """
    path = folder / f"{source.stem}-{size[0]}x{size[1]}.png"
    if path.exists():
        return path
    with Image.open(source) as image:
        icc = image.info.get("icc_profile")
        turned = image.getexif().get(0x0112, 1)
        stored = size[::-1] if turned >= 5 else size
        small = _reduced(image, stored)
        small.getexif()[0x0112] = turned
        if turned != 1:
            small = ImageOps.exif_transpose(_oriented(small, turned))
    if icc:
        made = ImageCms.profileToProfile(
            small,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        assert made is not None
        small = made
    small.convert("RGB").save(path, compress_level=1)
    return path


def judged(made: Path, source: Path, folder: Path) -> Verdict:
    """Compare what a tool made with the photograph."""
    with Image.open(made) as image:
        pixels = image.convert("RGB")
        icc = image.info.get("icc_profile")
    if icc:
        converted = ImageCms.profileToProfile(
            pixels, ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
        )
        assert converted is not None
        pixels = converted
    right = reference(source, pixels.size, folder)
    plain = made.with_suffix(".png")
    pixels.save(plain, compress_level=1)
    with Image.open(right) as image:
        first = np.asarray(image.convert("RGB"))[::STEP, ::STEP].reshape(-1, 3)
    second = np.asarray(pixels)[::STEP, ::STEP].reshape(-1, 3)
    return Verdict(
        ssimulacra2=_ssimulacra2(right, plain),
        butteraugli=_butteraugli(right, plain),
        colour=float(delta_e_2000(lab_of(first), lab_of(second)).mean()),
    )


def _oriented(image: Image.Image, orientation: int) -> Image.Image:
    """Return it with that orientation in its EXIF, for Pillow to turn."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(file, "PNG", compress_level=0, exif=exif)
    return Image.open(file)


def _reduced(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.mode not in ("RGB", "L"):
        return image.resize(size, Image.Resampling.LANCZOS)
    bands = []
    for band in image.split():
        values = np.asarray(band).astype(np.float32) / np.float32(255)
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        small = Image.fromarray(light.astype(np.float32)).resize(size, Image.Resampling.LANCZOS)
        bands.append(Image.fromarray(_values(np.asarray(small))))
    return bands[0] if len(bands) == 1 else Image.merge("RGB", bands)


def _values(light: NDArray[np.float32]) -> NDArray[np.uint8]:
    light = np.clip(light, 0, 1)
    values = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    result: NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return result


def _ssimulacra2(right: Path, made: Path) -> float | None:
    try:
        from ssimulacra2 import compute_ssimulacra2
    except ImportError:
        return None
    return float(compute_ssimulacra2(str(right), str(made)))


def _butteraugli(right: Path, made: Path) -> float | None:
    program = shutil.which("butteraugli_main")
    if program is None:
        return None
    said = subprocess.run(
        [program, str(right), str(made), "--pnorm", "3"], capture_output=True, text=True, check=True
    )
    return float(said.stdout.split()[-1])
