"""What a picture is, by its content, and its renditions; the only module that knows Pillow."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from pipeline.localstore.gif import gif_frames
from pipeline.localstore.limits import Limits
from pipeline.localstore.wbmp import read_wbmp

__all__ = ["PictureFacts", "Undecodable", "examine", "render"]

# Sizes are judged here, before anything is decoded; Pillow's own limit would be a second opinion.
Image.MAX_IMAGE_PIXELS = None

EXTENSIONS: Final = {
    "BMP": "bmp",
    "GIF": "gif",
    "JPEG": "jpg",
    "PNG": "png",
    "WBMP": "wbmp",
    "WEBP": "webp",
    "XBM": "xbm",
}
XBM_HEAD: Final = re.compile(rb"\s*(/\*.*?\*/\s*)?#define[ \t]+\S*_?width[ \t]", re.DOTALL)


class Undecodable(Exception):
    """The bytes are no picture of a type that the store takes, or a damaged or forbidden one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """A picture's format, the extension it usually has, and its width and height in pixels."""

    format: str
    extension: str
    width: int
    height: int


def examine(content: bytes, limits: Limits) -> PictureFacts:
    """Find out what a picture is, and that it decodes.

    Args:
        content: the whole file.
        limits: the sizes that are still taken.

    Raises:
        Undecodable: with the reason in a sentence.
    """
    name = _format(content)
    if name is None:
        raise Undecodable("must be a BMP, GIF, JPEG, PNG, WBMP, XBM or WEBP picture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with _opened(content, name) as image:
                width, height = image.size
                _judge(content, name, width, height, limits)
                image.load()
        except Undecodable:
            raise
        # A decoder that is fed hostile bytes raises nearly anything.
        except Exception as error:
            raise Undecodable(f"is a {name} that does not decode: {error}") from error
    return PictureFacts(format=name, extension=EXTENSIONS[name], width=width, height=height)


def _judge(content: bytes, name: str, width: int, height: int, limits: Limits) -> None:
    if width < 1 or height < 1:
        raise Undecodable("has no pixels")
    if width * height > limits.pixels:
        raise Undecodable(f"has {width} × {height} pixels, more than {limits.pixels} in all")
    if name != "GIF":
        return
    if max(width, height) > limits.gif_side:
        raise Undecodable(f"is a GIF of {width} × {height}, above {limits.gif_side} a side")
    frames = gif_frames(content)
    if frames > limits.gif_frames:
        raise Undecodable(f"is a GIF of {frames} frames, above {limits.gif_frames}")


def _format(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content.startswith(b"BM"):
        return "BMP"
    if XBM_HEAD.match(content[:4096]):
        return "XBM"
    return "WBMP" if read_wbmp(content) else None


def _opened(content: bytes, name: str) -> Image.Image:
    if name != "WBMP":
        return Image.open(io.BytesIO(content), formats=[name])
    bitmap = read_wbmp(content)
    if bitmap is None:
        raise Undecodable("is a WBMP that ends too early")
    return Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows)


def render(content: bytes, name: str, box: tuple[int, int]) -> bytes:
    """Fit a picture into a box: upright, never enlarged, without its metadata.

    Args:
        content: the whole file, examined before.
        name: its format.
        box: width and height in pixels.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _opened(content, name) as opened:
            # The profile of another kind of colour would be wrong for what it is turned into.
            profile = opened.info.get("icc_profile") if opened.mode in ("RGB", "RGBA") else None
            sideways = opened.getexif().get(0x0112, 1) in (5, 6, 7, 8)
            fit = (box[1], box[0]) if sideways else box
            if name == "JPEG":
                # Before any conversion: a JPEG can be decoded smaller at once.
                opened.thumbnail(fit, Image.Resampling.LANCZOS, reducing_gap=2.0)
            image = _plain(ImageOps.exif_transpose(opened))
    if name == "XBM":
        # In an X bitmap ones are the black dots; Pillow takes them for white.
        image = ImageOps.invert(image)
    image.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    kind = name if name in ("JPEG", "WEBP") else "PNG"
    if kind == "JPEG":
        image = image.convert("RGB")
    written = io.BytesIO()
    image.save(written, format=kind, icc_profile=profile, quality=85)
    return written.getvalue()


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Sixteen bits of grey: a plain conversion would turn all but the darkest white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    transparent = "transparency" in image.info or image.mode in ("LA", "PA", "RGBA", "La", "RGBa")
    wanted = "RGBA" if transparent else "RGB"
    return image if image.mode == wanted else image.convert(wanted)
