"""Small whole pictures of all seven formats, and a check of bytes laid down as a file."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any, Final

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.validate import check
from pipeline.values import ImageFormat, Inspection, Limits, Original

LIMITS: Final = Limits()


def noise(width: int = 96, height: int = 64, mode: str = "RGB", seed: int = 7) -> Image.Image:
    """Make a picture without a single plain area, the same every time."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    deep = 2 if mode.startswith("I;16") else 1
    raw = random.Random(seed).randbytes(width * height * bands * deep)
    return Image.frombytes(mode, (width, height), raw)


def encoded(image: Image.Image, format_: str, **options: Any) -> bytes:
    """Encode a picture with Pillow."""
    file = io.BytesIO()
    image.save(file, format_, **options)
    return file.getvalue()


def dots(width: int = 96, height: int = 64) -> Image.Image:
    """Make a black and white picture without a plain area."""
    return noise(width, height, "L").convert("1")


def sample(format_: ImageFormat) -> bytes:
    """Give a whole file of some kilobytes."""
    if format_ in (ImageFormat.WBMP, ImageFormat.XBM):
        return encoded(dots(), format_.value)
    if format_ is ImageFormat.GIF:
        return encoded(noise(48, 32).quantize(64), "GIF")
    return encoded(noise(), format_.value)


SAMPLES: Final = {format_: sample(format_) for format_ in ImageFormat}


def original(path: Path, content: bytes) -> Original:
    """Lay down bytes as a file, received as they are."""
    path.write_bytes(content)
    return Original(
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        path=path,
        root=path.parent,
    )


def inspect(
    folder: Path, content: bytes, *, name: str = "photo.jpg", limits: Limits = LIMITS
) -> Inspection:
    """Check bytes as a file."""
    return check(original(folder / name, content), limits)


def refusal(
    folder: Path, content: bytes, *, name: str = "photo.jpg", limits: Limits = LIMITS
) -> PhotoRefused:
    """Check bytes that must be refused, and give the refusal."""
    try:
        found = inspect(folder, content, name=name, limits=limits)
    except PhotoRefused as refused:
        assert_readable(refused)
        return refused
    raise AssertionError(f"passed as {found}")


def reason(folder: Path, content: bytes, *, limits: Limits = LIMITS) -> Reason:
    """Check bytes that must be refused, and give the reason."""
    return refusal(folder, content, limits=limits).reason


def assert_readable(refused: PhotoRefused) -> None:
    """A sentence for people: one line, no jargon, saying what mends it, without the path."""
    sentence = str(refused)
    assert sentence
    assert sentence[0].islower()
    assert "\n" not in sentence
    assert len(sentence) < 200
    for jargon in ("Traceback", "Error", "Pillow", "PIL", "0x", "b'", "None", "photo.jpg"):
        assert jargon not in sentence, sentence


def chunk(kind: bytes, content: bytes) -> bytes:
    """Make a PNG chunk with its check sum."""
    total = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", total)


def png(*chunks: bytes, width: int = 4, height: int = 4, depth: int = 8, colour: int = 2) -> bytes:
    """Make a PNG of a plain colour with further chunks before its picture data."""
    bits = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour] * depth
    row = b"\0" + bytes((width * bits + 7) // 8)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *chunks,
            chunk(b"IDAT", zlib.compress(row * height)),
            chunk(b"IEND", b""),
        ]
    )


def segment(mark: int, content: bytes) -> bytes:
    """Make a JPEG segment."""
    return bytes([0xFF, mark]) + struct.pack(">H", len(content) + 2) + content


def jpeg_with(*segments: bytes, image: Image.Image | None = None) -> bytes:
    """Make a JPEG with further segments right behind its start."""
    plain = encoded(image or noise(32, 32), "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def tiff_block(*entries: tuple[int, int, int, bytes], order: str = "<", after: int = 0) -> bytes:
    """Make an EXIF block of one directory; values of more than 4 bytes are laid behind it."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    behind_at = 8 + 2 + 12 * len(entries) + 4
    head, behind = struct.pack(order + "H", len(entries)), b""
    for tag, kind, count, value in entries:
        head += struct.pack(order + "HHI", tag, kind, count)
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", behind_at + len(behind))
            behind += value
    return mark + struct.pack(order + "I", 8) + head + struct.pack(order + "I", after) + behind
