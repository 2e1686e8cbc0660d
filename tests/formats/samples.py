"""Small whole pictures of all seven formats, and a check of bytes laid down as a file."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageCms

from pipeline.errors import PhotoRefused
from pipeline.formats import strip_metadata
from pipeline.formats.notice import Notice
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
    """Return a whole file of some kilobytes."""
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


def srgb_icc() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def icc(primaries: tuple[tuple[float, float, float], ...], gamma: float, name: str = "") -> bytes:
    """Make a version 2 matrix profile out of D50 colorants and a gamma."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    text = name.encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    parts = {
        b"desc": described + b"\0" * (-len(described) % 4),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, primaries), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, content, place = b"", b"", 128 + 4 + 12 * len(parts)
    for tag, part in parts.items():
        table += tag + struct.pack(">II", place + len(content), len(part))
        content += part
    size = place + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + content


ADOBE_RGB = icc(((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446)), 2.2)
SRGB_POINTS = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def stripped(content: bytes, format_: ImageFormat, exif: bytes = b"") -> bytes:
    """Take the metadata out of a file, which must be possible."""
    left = strip_metadata(io.BytesIO(content), format_, Notice(exif=exif))
    assert left is not None
    return left


def pixels(content: bytes) -> bytes:
    """Decode a file, and give its pixels."""
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGBA").tobytes()
