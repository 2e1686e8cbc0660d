"""What a picture is, by its content, and its renditions; the only module that knows Pillow."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from pipeline.localstore.options import Limits

__all__ = [
    "PictureFacts",
    "Undecodable",
    "WirelessBitmap",
    "examine",
    "gif_frames",
    "read_wbmp",
    "render",
]

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
GIF_EXTENSION: Final = 0x21
GIF_IMAGE: Final = 0x2C
GIF_TRAILER: Final = 0x3B

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
    """Return what a picture is, having decoded it.

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
    """Return a picture fitted into a box: upright, never enlarged, without its metadata.

    A JPEG and a WebP stay what they are; all others become a PNG.

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


def gif_frames(content: bytes) -> int:
    """Return how many frames a GIF has, by its blocks: nothing is decoded for it.

    A file that ends early has as many as were begun.

    Args:
        content: the whole file, beginning with a GIF's signature.
    """
    if len(content) < 13:
        return 0
    at = 13 + _gif_colours(content[10])
    frames = 0
    while at < len(content):
        kind = content[at]
        if kind == GIF_IMAGE:
            frames += 1
            if at + 10 > len(content):
                break
            # The descriptor is ten bytes; a colour table and the code size come before the data.
            at = _after_gif_blocks(content, at + 11 + _gif_colours(content[at + 9]))
        elif kind == GIF_EXTENSION:
            at = _after_gif_blocks(content, at + 2)
        elif kind == GIF_TRAILER:
            break
        else:
            at += 1
    return frames


def _gif_colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0


def _after_gif_blocks(content: bytes, at: int) -> int:
    while at < len(content) and content[at]:
        at += 1 + content[at]
    return at + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WirelessBitmap:
    """A WBMP of type 0, one bit a pixel.

    Attributes:
        width: in pixels.
        height: in pixels.
        rows: padded to whole bytes, the highest bit leftmost; 1 is white.
    """

    width: int
    height: int
    rows: bytes


def read_wbmp(content: bytes) -> WirelessBitmap | None:
    """Return a WBMP of type 0; None when the bytes are not one, or end too early.

    Args:
        content: the whole file.
    """
    # The format has no signature: only a type of 0 and a header byte without extensions.
    if content[:2] != b"\x00\x00":
        return None
    width, at = _wbmp_integer(content, 2)
    height, at = _wbmp_integer(content, at)
    if not width or not height:
        return None
    length = (width + 7) // 8 * height
    rows = content[at : at + length]
    # Trailing bytes would make nearly any file that begins with zeros a WBMP.
    if len(rows) < length or len(content) - at - length > 1:
        return None
    return WirelessBitmap(width=width, height=height, rows=rows)


def _wbmp_integer(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    # Four bytes hold 28 bits, more than any size that would be decoded.
    for offset in range(at, min(at + 4, len(content))):
        value = value << 7 | content[offset] & 0x7F
        if not content[offset] & 0x80:
            return value, offset + 1
    return 0, at
