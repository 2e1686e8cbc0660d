"""Finds the colour space that a file names without an ICC profile, and gives one for it.

EXIF says Adobe RGB by the interoperability `R03` (DCF 2.0); a PNG has its primaries and gamma in
cHRM and gAMA, or a code in cICP, which counts before all others (PNG, third edition, 4.3); a BMP
carries a profile where Pillow does not look (BITMAPV5HEADER).
"""

from __future__ import annotations

from typing import BinaryIO, Final

from PIL import ExifTags, Image

from pipeline.formats.icc import ADOBE_RGB, SRGB_CURVE, Space, matrix_profile
from pipeline.values import ImageFormat

__all__ = ["implied_profile"]

_PRIMARIES: Final[dict[int, tuple[tuple[float, float], ...]]] = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Of Rec. ITU-T H.273, table 2: BT.709, BT.2020, Display P3; all with D65."""

_BT_709: Final = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)

_CURVES: Final[dict[int, tuple[float, ...]]] = {
    1: _BT_709,
    4: (2.2,),
    5: (2.8,),
    6: _BT_709,
    8: (1.0,),
    13: SRGB_CURVE,
    14: _BT_709,
    15: _BT_709,
}
"""Of Rec. ITU-T H.273, table 3. 16 and 18 (PQ, HLG) are for brighter screens than sRGB's."""

_SRGB_POINTS: Final = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)

_MOST: Final = 16 << 20
"""Bytes of a profile that are read."""


def implied_profile(
    file: BinaryIO,
    image: Image.Image,
    format: ImageFormat,  # noqa: A002
    *,
    embedded: bool,
) -> bytes:
    """Give an ICC profile for what the file says of its colours, empty where it cannot be told.

    Args:
        file: the original, open for reading; its place is left as it was.
        image: the opened original.
        format: its format.
        embedded: whether it has an ICC profile too; only what counts before it is given then.
    """
    at = file.tell()
    try:
        if format is ImageFormat.PNG:
            found = _png(file, embedded=embedded)
            if found is not None:
                return matrix_profile(found)
        if embedded:
            return b""
        if format is ImageFormat.BMP:
            return _bmp(file)
        if image.getexif().get_ifd(ExifTags.IFD.Interop).get(1) == "R03":
            return matrix_profile(ADOBE_RGB)
    except MemoryError:
        raise
    except Exception:  # whatever is wrong with these notes, the picture is not
        return b""
    finally:
        file.seek(at)
    return b""


def _png(file: BinaryIO, *, embedded: bool) -> Space | None:
    chunks: dict[bytes, bytes] = {}
    file.seek(8)
    while True:
        length, name = int.from_bytes(file.read(4), "big"), file.read(4)
        if name in (b"IDAT", b"IEND", b""):
            break
        if name in (b"cICP", b"cHRM", b"gAMA"):
            chunks[name] = file.read(min(length, 32))
            length -= len(chunks[name])
        file.seek(length + 4, 1)
    if b"cICP" in chunks:
        primaries, transfer = chunks[b"cICP"][:2]
        red, green, blue = _PRIMARIES[primaries]
        said = f"cICP {primaries}/{transfer}"
        return Space(name=said, red=red, green=green, blue=blue, curve=_CURVES[transfer])
    if embedded or not (b"cHRM" in chunks or b"gAMA" in chunks):
        return None
    points: tuple[int, ...] = _SRGB_POINTS
    if b"cHRM" in chunks:
        told = chunks[b"cHRM"]
        points = tuple(int.from_bytes(told[at : at + 4], "big") for at in range(0, 32, 4))
    pairs = [(points[at] / 100_000, points[at + 1] / 100_000) for at in range(0, 8, 2)]
    gamma = int.from_bytes(chunks.get(b"gAMA", b""), "big")
    # 0.45455 is what is written for sRGB, whose curve is meant then.
    curve = SRGB_CURVE if not gamma or abs(gamma - 45455) < 500 else (100_000 / gamma,)
    white, red, green, blue = pairs
    said = "primaries and gamma of the PNG"
    return Space(name=said, red=red, green=green, blue=blue, white=white, curve=curve)


def _bmp(file: BinaryIO) -> bytes:
    file.seek(14)
    header = file.read(124)
    if len(header) < 124 or header[56:60] != b"DEBM":
        return b""
    start, length = (int.from_bytes(header[at : at + 4], "little") for at in (112, 116))
    file.seek(14 + start)
    return file.read(min(length, _MOST))
