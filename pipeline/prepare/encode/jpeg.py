"""Encodes a JPEG with the highest quality that the limit affords.

Chroma is kept at full resolution (4:4:4): halving it costs up to 40 points of SSIMULACRA2 on
saturated edges, which product photographs are full of, while the bytes it saves are worth a few
steps of quality. Qualities are fractions, so the limit can be met closely.

Huffman tables made for the picture save 2 to 3 % of the bytes. A progressive file has 1 to 5 % less
again, which its limit gives back where it is met closely, by a rough encode first (see `quality`).
For 2.8 megapixels at quality 94, CPU seconds:

    progressive                  0.083, and 0.045 to decode it again
    baseline, tables of its own  0.040      0.011
    baseline, the usual tables   0.016      0.012

What a hundredth of the bytes buys, in points of SSIMULACRA2, depends on the quality more than on
the picture: 0.04 to 0.1 above 93, 0.14 to 0.2 around 86, 0.21 to 0.28 at 80, 0.28 to 0.33 at 72.
So where fine detail leaves only a low quality, the file is progressive if that saves enough.

Quantisation tables say how coarse each frequency is. Nearly every program uses those that ITU-T
T.81 gives as an example (K.1 and K.2), from viewing tests of its time. Today's measures of visible
error reward a plain rule more: coarseness that grows with the distance from the block's mean. At
equal bytes, on 704 × 704 pixels of five photographs, with the bytes a pixel that 1,000,000 bytes
for 2048 pixels afford:

    tables                             SSIMULACRA2 mean   worst   Butteraugli 3-norm, mean
    K.1 and K.2                                    82.6    74.5                       0.89
    1 + 0.1 d, chroma 1.5 (1 + 0.5 d)              82.1    71.9
    1 + 0.2 d, chroma 1.5 (1 + 0.5 d)              83.6    75.4
    1 + 0.35 d, chroma 1.5 (1 + 0.5 d)             84.1    76.6
    1 + 0.5 d, chroma 1.5 (1 + 0.8 d)              84.8    78.4
    1 + 0.6 d, chroma 1.5 (1 + d)                  84.8    78.5                       0.82
    1 + 0.8 d, chroma 1.5 (1 + 1.2 d)              84.9    78.4
    with a coarser blue than red difference        84.6    77.6

(d is the root of the sum of the squares of both frequencies, 0 to 9.9.)
"""

from __future__ import annotations

import io
import math
from functools import partial
from typing import Final, Protocol

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.formats.notice import Notice
from pipeline.prepare.encode.quality import PARTS, Thorough, best_setting, sample_of
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target, too_long, too_many_bytes
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Preset

__all__ = ["encode_jpeg"]

LONGEST: Final = 65_500
"""Pixels a side that libjpeg encodes at most (JPEG_MAX_DIMENSION in jmorecfg.h)."""

_TABLES, _SCAN, _END = b"\xff\xc4", b"\xff\xda", b"\xff\xd9"
"""Markers: Huffman tables, the beginning of a scan, the end (ITU-T T.81, table B.1)."""

BASE: Final = 8.5
"""The step of the mean at quality 50: files come out as large as with K.1 and K.2, on average."""

_DISTANCES: Final = tuple(math.hypot(down, across) for down in range(8) for across in range(8))

LUMINANCE: Final = tuple(BASE * (1 + 0.6 * distance) for distance in _DISTANCES)

COARSER: Final = 0.2
"""How much coarser fine chroma becomes, a step of distance, where Huffman tables are made for the
file and its bytes are what limits it: there it gains more by that than it loses."""

AT_BEST: Final = 2.0
"""Steps below the best quality over which that ends: who reaches it has bytes to spare."""

LOW: Final = 80.0
"""The quality below which a file may become progressive, where the recipe gives it time."""

SAVES: Final = 0.03
"""What share of its bytes that has to save: what is less is won by meeting the limit closely."""


def chrominance(coarser: float = 0.0) -> tuple[float, ...]:
    """Return the steps of the chroma's frequencies at quality 50."""
    return tuple(BASE * 1.5 * (1 + (1 + coarser) * distance) for distance in _DISTANCES)


def encode_jpeg(
    image: Image.Image, target: Target, *, full_chroma: bool = True
) -> Encoded | DidNotFit:
    """Encode an opaque picture within the limit.

    Args:
        image: mode `L` or `RGB` (`1` becomes `L`).
        target: the most bytes, the qualities, and what metadata to keep.
        full_chroma: true for 4:4:4, false for 4:2:0.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    max_bytes, encoding, notice = target.max_bytes, target.encoding, target.notice
    if max(image.size) > LONGEST:
        return too_long(image, "JPEG", LONGEST)
    with writing("a JPEG"):
        if image.mode == "1":
            image = image.convert("L")
        chroma = "grey" if image.mode == "L" else "4:4:4" if full_chroma else "4:2:0"
        optimised = encoding.preset is Preset.BEST
        sample = sample_of(image, 8 if full_chroma else 16, 1 if optimised else PARTS)
        encode = _encoder(notice, encoding, full_chroma=full_chroma)
        best = best_setting(
            image=image,
            sample=sample,
            encode=partial(encode, optimised=optimised),
            rough=encode if optimised else None,
            thorough=Thorough(
                encode=partial(encode, optimised=True, progressive=True), below=LOW, saves=SAVES
            ),
            max_bytes=max_bytes,
            low=encoding.quality_floor,
            high=encoding.quality_best,
            overhead=_headers,
        )
    if best.content is None:
        how = f"at JPEG quality {encoding.quality_floor}, {chroma}"
        return too_many_bytes(image, how, best.size, max_bytes)
    return Encoded(
        content=best.content,
        format=ImageFormat.JPEG,
        width=image.width,
        height=image.height,
        work=(f"JPEG quality {best.setting:.0f}, {chroma}",),
        encode_report=EncodeReport(
            chroma=chroma, quality=round(best.setting, 1), encodes=best.encodes
        ),
    )


class _Encode(Protocol):
    def __call__(
        self,
        image: Image.Image,
        quality: float,
        *,
        optimised: bool = False,
        progressive: bool = False,
    ) -> bytes: ...


def _encoder(notice: Notice, encoding: EncodeSettings, *, full_chroma: bool) -> _Encode:
    def saved(
        image: Image.Image, quality: float, *, optimised: bool, progressive: bool = False
    ) -> bytes:
        file = io.BytesIO()
        image.save(
            file,
            "JPEG",
            qtables=_tables(quality, encoding),
            subsampling=0 if full_chroma else 2,
            optimize=optimised,
            progressive=progressive,
            exif=notice.exif,
            xmp=notice.xmp,
        )
        return file.getvalue()

    def encode(
        image: Image.Image, quality: float, *, optimised: bool = False, progressive: bool = False
    ) -> bytes:
        try:
            return saved(image, quality, optimised=optimised, progressive=progressive)
        except OSError:
            if not optimised:
                raise
            # Pillow's buffer for a file with tables of its own has a byte a pixel, which noise at
            # a high quality exceeds; one with the usual tables is written piece by piece.
            return saved(image, quality, optimised=False)

    return encode


def _headers(content: bytes) -> int:
    """Return how many bytes of a file are no coded data: they hardly grow with the picture."""
    place = headers = 2
    while True:
        length = 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        is_scan = content[place + 1] == _SCAN[1]
        headers += length
        place += length
        if is_scan:
            # In coded data zero follows each FF; between scans there are tables at most.
            found = [at for mark in (_TABLES, _SCAN) if (at := content.find(mark, place)) >= 0]
            if not found:
                return headers + len(_END)
            place = min(found)


def _tables(quality: float, encoding: EncodeSettings) -> list[list[int]]:
    """Return both tables for a quality, scaled as libjpeg's `jpeg_quality_scaling` does.

    Args:
        quality: 1 to 100, fractions too: they are what lets a file meet its limit closely.
        encoding: whether its Huffman tables are made for it, and its best quality.
    """
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    coarser = 0.0
    if encoding.preset is Preset.BEST:
        coarser = COARSER * min(1.0, max(0.0, (encoding.quality_best - quality) / AT_BEST))
    return [
        [min(255, max(1, round(step * percent / 100))) for step in table]
        for table in (LUMINANCE, chrominance(coarser))
    ]
