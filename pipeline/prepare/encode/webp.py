"""Encodes a WebP with its transparency: without loss where that fits, else as well as it can.

An animated one is encoded from frames that are decoded one at a time.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from PIL import Image

from pipeline.formats.decoding import writing
from pipeline.formats.notice import NO_NOTICE, Notice
from pipeline.prepare.encode.quality import best_setting, sample_of
from pipeline.prepare.encode.result import DidNotFit, Encoded, Target, too_long, too_many_bytes
from pipeline.values import EncodeReport, ImageFormat

__all__ = ["WEBP_LONGEST", "encode_animated_webp", "encode_webp", "encode_webp_lossless"]

WEBP_LONGEST: Final = 16_383
"""Pixels a side that WebP encodes at most (WEBP_MAX_DIMENSION)."""

METHOD: Final = 4
"""libwebp's effort, 0 to 6; its own default."""

ANIMATED_METHOD: Final = 2
"""For animations: a third of the time for some 3 % more bytes."""

HOPELESS: Final = 1.3
"""A sample this much over the limit is believed: bands compress worse than the whole."""


def encode_webp_lossless(image: Image.Image, target: Target) -> Encoded | DidNotFit:
    """Encode every visible pixel as it is.

    Args:
        image: mode `LA` or `RGBA`.
        target: the most bytes, and what metadata to keep.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    if max(image.size) > WEBP_LONGEST:
        return too_long(image, "WebP", WEBP_LONGEST)
    max_bytes, notice = target.max_bytes, target.notice
    with writing("a WebP"):
        sample = sample_of(image, 16)
        content = b""
        size = 0.0
        if sample.times > 1.0:
            size = len(_lossless(sample.image, NO_NOTICE)) * sample.times
        if size <= max_bytes * HOPELESS:
            content = _lossless(image, notice)
            size = len(content)
    if not content or size > max_bytes:
        return too_many_bytes(image, "as a lossless WebP", size, max_bytes)
    return _encoded(image, content, "WebP, lossless", EncodeReport(encodes=1))


def encode_webp(image: Image.Image, target: Target) -> Encoded | DidNotFit:
    """Encode with the highest quality that the limit affords; alpha stays without loss.

    Args:
        image: mode `LA` or `RGBA`.
        target: the most bytes, the qualities, and what metadata to keep.

    Raises:
        PhotoRefused: `no_memory`, `defect`.
    """
    if max(image.size) > WEBP_LONGEST:
        return too_long(image, "WebP", WEBP_LONGEST)
    max_bytes, encoding, notice = target.max_bytes, target.encoding, target.notice
    with writing("a WebP"):
        sample = sample_of(image, 32)
        best = best_setting(
            image=image,
            sample=sample,
            encode=_encoder(notice),
            max_bytes=max_bytes,
            low=encoding.quality_floor,
            high=encoding.quality_best,
        )
    if best.content is None:
        how = f"at WebP quality {encoding.quality_floor}"
        return too_many_bytes(image, how, best.size, max_bytes)
    encode_report = EncodeReport(quality=round(best.setting, 1), encodes=best.encodes)
    return _encoded(image, best.content, f"WebP quality {best.setting:.0f}", encode_report)


def _encoder(notice: Notice) -> Callable[[Image.Image, float], bytes]:
    def encode(image: Image.Image, quality: float) -> bytes:
        file = io.BytesIO()
        image.save(
            file, "WEBP", quality=quality, alpha_quality=100, method=METHOD,
            exif=notice.exif, xmp=notice.xmp,
        )  # fmt: skip
        return file.getvalue()

    return encode


def _lossless(image: Image.Image, notice: Notice) -> bytes:
    file = io.BytesIO()
    image.save(
        file, "WEBP", lossless=True, quality=50, method=METHOD, exif=notice.exif, xmp=notice.xmp
    )
    return file.getvalue()


def _encoded(image: Image.Image, content: bytes, said: str, encode_report: EncodeReport) -> Encoded:
    return Encoded(
        content=content,
        format=ImageFormat.WEBP,
        width=image.width,
        height=image.height,
        work=(said,),
        encode_report=encode_report,
    )


def encode_animated_webp(
    images: Iterator[Image.Image],
    durations: Sequence[int],
    *,
    loop: int | None,
    quality: int,
    notice: Notice,
) -> bytes:
    """Encode a whole animation and return its bytes.

    Args:
        images: its composed frames, all of one size, mode `RGB` or `RGBA`.
        durations: how long each is shown, in milliseconds.
        loop: how often it is repeated, 0 for ever; None where it is not said (once).
        quality: WebP's quality, 0 to 100; alpha stays without loss.
        notice: who made it and whose it is, may be empty.

    Raises:
        PhotoRefused: what reading the frames raises; `no_memory`, `defect`.
    """
    with writing("an animated WebP"):
        sequence = _Sequence(images, len(durations))
        file = io.BytesIO()
        sequence.save(
            file,
            "WEBP",
            save_all=True,
            duration=list(durations),
            # WebP repeats for ever with 0; a GIF or PNG that says nothing is shown once.
            loop=1 if loop is None else loop,
            quality=quality,
            method=ANIMATED_METHOD,
            minimize_size=False,
            background=(0, 0, 0, 0),
            # Without its mark, which Pillow takes away for stills only.
            exif=notice.tiff,
            xmp=notice.xmp,
        )
    return file.getvalue()


class _Sequence(Image.Image):
    """A sequence as Pillow's WebP encoder reads it, holding one frame at a time."""

    def __init__(self, images: Iterator[Image.Image], count: int) -> None:
        super().__init__()
        self.n_frames = count
        self._images = images
        self._at = -1
        self.seek(0)

    def tell(self) -> int:
        return self._at

    def seek(self, frame: int) -> None:
        # The encoder goes forward, and back to the first when all are in.
        while self._at < frame:
            image = next(self._images)
            self._at += 1
            self._mode, self._size, self.im = image.mode, image.size, image.im
