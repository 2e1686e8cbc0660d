"""Makes the picture that goes up: untouched where it may be, else as good as the limits allow."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.formats import shown
from pipeline.formats.decoding import writing
from pipeline.formats.notice import Notice
from pipeline.memory import Budget
from pipeline.originals import open_unchanged
from pipeline.prepare.animation import animation_memory, encode_animation
from pipeline.prepare.colour import to_srgb
from pipeline.prepare.decode import open_still
from pipeline.prepare.encode.result import Encoded, check_encoded
from pipeline.prepare.metadata import kept_notice
from pipeline.prepare.passthrough import AS_IT_WAS, passed_through
from pipeline.prepare.pixels import TURNED, plain, upright, without_idle_alpha
from pipeline.prepare.resize import reduced, resampling_of
from pipeline.prepare.still import encode_still
from pipeline.spool import Spool
from pipeline.upload_name import upload_name
from pipeline.values import (
    EncodeSettings,
    Inspection,
    Limits,
    Oddity,
    Original,
    Picture,
)
from pipeline.wording import pixels

__all__ = ["render"]

ODD: Final = {
    Oddity.BYTES_BETWEEN: "bytes that are no part of it left out",
    Oddity.DAMAGED_NOTES: "damaged or very long notes beside the picture left out",
    Oddity.BROKEN_ANIMATION: "the animation is not whole, so the still is shown",
    Oddity.NO_END_MARK: "the end mark was missing",
    Oddity.OPEN_ANIMATION: "the end mark was missing, and perhaps pictures of the animation",
    Oddity.BIT_MASKS: "its colours were stored in an unusual way",
    Oddity.LONG_PALETTE: "colours that no pixel can have were left out",
}
"""What a photograph's history says of what was unusual in its file."""

UNLIMITED: Final = 1 << 62
"""Bytes, where no budget is set."""


def render(
    original: Original,
    inspection: Inspection,
    limits: Limits,
    encoding: EncodeSettings,
    spool: Spool,
    budget: Budget | None = None,
) -> Picture:
    """Make the picture that goes up and put it into the spool.

    The original is opened once and decoded once where that is possible; the decode is the proof
    that it is whole. Within the limits, upright, sRGB and with nothing private in it, it goes up
    byte for byte, or without its metadata where only that is in the way; otherwise it is turned
    upright, reduced, converted to sRGB and encoded with the highest quality that fits. The result
    is decoded again before it is kept.

    Threads may call it at the same time.

    Args:
        original: the photograph as it was received.
        inspection: what its header and structure say.
        limits: the longest side in pixels, the bytes, the pixels that are decoded.
        encoding: qualities and what metadata to keep.
        spool: where the picture is put.
        budget: the memory for pictures in hand, shared with other threads; None to take what
            is needed.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `no_memory`, `unreadable`,
            `vanished`, `replaced`, `cannot_fit`, or `defect` where the program is to blame.
        OSError: the spool's disk is full or not writable.
    """
    budget = budget or Budget(UNLIMITED)
    with open_unchanged(original) as file:
        made = passed_through(file, original.size, inspection, limits, encoding, budget)
        if made is None:
            make = _animated if inspection.frames > 1 else _still
            made = make(file, inspection, limits, encoding, budget)
        likeness = _likeness(file, inspection)
    spooled = spool.put(made.content, made.format.suffix)
    return Picture(
        sha256=spooled.sha256,
        spool_name=spooled.name,
        size=spooled.size,
        width=made.width,
        height=made.height,
        format=made.format,
        upload_name=upload_name(original.path, original.sha256, made.format),
        passthrough=made.work == AS_IT_WAS,
        work=(*(ODD[oddity] for oddity in inspection.oddities), *made.work),
        encode_report=made.encode_report,
        likeness=likeness,
    )


def _likeness(file: BinaryIO, inspection: Inspection) -> str | None:
    """Return the digest of all that says what an original shows, whatever else is in its file.

    Of what is coded, not of pixels: it costs a tenth of that, and does not depend on the recipe.
    Two that are coded otherwise and show the same are two, which is only one image too many.
    """
    pieces = shown(file, inspection.format)
    if pieces is None:
        return None
    seen = hashlib.sha256(
        f"{inspection.format} {inspection.width} {inspection.height} {inspection.orientation} "
        f"{inspection.mode} {inspection.profile} {inspection.frames}\n".encode()
    )
    try:
        for piece in pieces:
            seen.update(piece)
    except PhotoRefused:  # so unusual that only a decoder finds its way
        return None
    return seen.hexdigest()


def _animated(
    file: BinaryIO, inspection: Inspection, limits: Limits, encoding: EncodeSettings, budget: Budget
) -> Encoded:
    with budget.reserve(animation_memory(inspection)):
        return encode_animation(file, inspection, limits, encoding)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Small:
    """A decoded and reduced picture, and what is known of it: its stored size in pixels too."""

    image: Image.Image
    stored: tuple[int, int]
    icc: bytes
    notice: Notice
    decoded: float
    resampling: str


def _small(
    file: BinaryIO, inspection: Inspection, limits: Limits, encoding: EncodeSettings, budget: Budget
) -> _Small:
    """Decode and reduce; whatever is of full size is gone when it returns."""
    still = open_still(file, inspection, limits, encoding.preset)
    stored, wanted, box, icc = still.stored, still.wanted, still.box, still.icc
    with budget.reserve(still.memory):
        image = still.decode()
        del still
        notice = kept_notice(image, file, inspection.format, keep_copyright=encoding.keep_copyright)
        decoded = 1 / round(stored[0] / image.width)
        with writing("a smaller picture"):
            image = plain(image, inspection.format)
            resampling = resampling_of(image.mode, image.size, wanted)
            image = reduced(image, wanted, box)
    return _Small(
        image=image, stored=stored, icc=icc, notice=notice, decoded=decoded, resampling=resampling
    )


def _still(
    file: BinaryIO, inspection: Inspection, limits: Limits, encoding: EncodeSettings, budget: Budget
) -> Encoded:
    work: list[str] = []
    small = _small(file, inspection, limits, encoding, budget)
    image, said = to_srgb(small.image, small.icc, inspection.profile)
    if said:
        work.append(said)
    if inspection.bit_depth > 8:
        work.append(f"{inspection.bit_depth} → 8 bits a sample")
    if inspection.orientation != 1:
        image = upright(image, inspection.orientation)
        work.append("turned upright")
    image = without_idle_alpha(image)
    # What the encoders would copy from the original: comments, profiles, gamma.
    image.info = {}
    made = encode_still(image, inspection.format, limits, encoding, small.notice)
    check_encoded(made, limits)
    before = small.stored[::-1] if inspection.orientation in TURNED else small.stored
    if before != (made.width, made.height):
        work.append(f"{pixels(before)} → {pixels((made.width, made.height))}")
    encode_report = replace(
        made.encode_report,
        scale=round(max(made.width, made.height) / max(before), 4),
        decoded=small.decoded,
        resampling=small.resampling,
    )
    return replace(made, work=(*work, *made.work), encode_report=encode_report)
