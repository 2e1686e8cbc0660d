"""The photographs that are measured: a folder of them, or this project's own samples."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image

__all__ = ["SAMPLES", "as_a_camera_writes", "photographs"]

SAMPLES: Final = Path(__file__).resolve().parents[3] / "sample_images" / "shop"

QUALITY: Final = 96
"""What cameras write at their finest setting, with chroma halved across (4:2:2)."""


def photographs(folder: Path) -> list[Path]:
    """Return every JPEG below a folder, in order: the one format that every tool here takes."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() in (".jpg", ".jpeg") and _readable(path)
    )


def as_a_camera_writes(path: Path, folder: Path) -> Path:
    """Encode a photograph anew at quality 96, 4:2:2, with its profile and orientation."""
    made = folder / path.name
    with Image.open(path) as image:
        image.load()
        image.save(
            made,
            quality=QUALITY,
            subsampling="4:2:2",
            icc_profile=image.info.get("icc_profile"),
            exif=image.getexif().tobytes(),
        )
    return made


def _readable(path: Path) -> bool:
    try:
        with Image.open(path, formats=["JPEG"]) as image:
            return image.mode in ("RGB", "L", "CMYK")
    except OSError:
        return False
