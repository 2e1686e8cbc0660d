"""Brings an animation under the limit: by fewer pixels, then fewer colours, then fewer frames.

GIF stays GIF; WebP stays WebP; a PNG that cannot go up as it is becomes WebP, which loses no
colours. What is shown, its timing and its repetitions stay the same.

Each frame is read composed, upright, sRGB, at the wanted size. Never more than a few are in memory,
however long the animation is: every pass over it decodes it afresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.formats.decoding import reading
from pipeline.formats.notice import Notice
from pipeline.prepare.colour import to_srgb
from pipeline.prepare.decode import open_picture
from pipeline.prepare.encode.gif import GIF_FRAMES, GIF_SIDE, OPAQUE, encode_gif
from pipeline.prepare.encode.result import Encoded, check_encoded
from pipeline.prepare.encode.webp import WEBP_LONGEST, encode_animated_webp
from pipeline.prepare.metadata import kept_notice
from pipeline.prepare.pixels import fitted, plain, scaled, upright, without_idle_alpha
from pipeline.prepare.transparency import composed_frames
from pipeline.refusals import cannot_fit, too_many_frames, too_many_pixels
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Inspection, Limits
from pipeline.wording import data_size, pixels

__all__ = ["Animation", "animation_memory", "encode_animation", "survey"]

SMALLEST_SIDE: Final = 320
"""Longest side in pixels down to which pixels are given up before colours or frames are."""

FEWEST_COLOURS: Final = 32
"""Colours a frame down to which colours are given up before frames are."""

FEWEST_FRAMES: Final = 2
"""Frames below which it would be no animation."""

HEADROOM: Final = 0.96
"""How much smaller than foretold the next try is."""

CANVASES: Final = 10
"""Frames of full size in memory at once: the decoder's, the encoder's, and ours."""

SLACK_BYTES: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Animation:
    """An animation whose every frame was decoded once.

    Attributes:
        file: the original, open for reading.
        inspection: what its header says.
        limits: how many pixels may be decoded.
        size: width × height of its canvas in pixels, upright.
        first: the number of its first frame in the file (1 where a PNG's default image is none).
        milliseconds: how long each frame is shown.
        loop: how often it is repeated, 0 for ever; None where it is not said (once).
        clearing: some pixel that was there becomes transparent again.
        said: what was done about its colours.
        notice: who made it and whose it is, may be empty.
    """

    file: BinaryIO
    inspection: Inspection
    limits: Limits
    size: tuple[int, int]
    first: int
    milliseconds: tuple[int, ...]
    loop: int | None
    clearing: bool
    said: str
    notice: Notice

    def durations(self, keep: int) -> list[int]:
        """Return how many milliseconds each kept frame is shown: until the next kept one.

        Args:
            keep: how many are kept, at most as many as there are.
        """
        kept = self._kept(keep)
        following = [*kept[1:], len(self.milliseconds)]
        return [sum(self.milliseconds[a:b]) for a, b in zip(kept, following, strict=True)]

    def frames(self, size: tuple[int, int], keep: int) -> Iterator[Image.Image]:
        """Decode it again and yield its frames at a size, mode `RGB` or `RGBA`.

        Args:
            size: width × height in pixels, upright, not larger than the canvas.
            keep: how many frames; what is left out lengthens the one before.

        Raises:
            PhotoRefused: as when a still is decoded.
        """
        source = _Frames(self.file, self.inspection, self.limits)
        for number in self._kept(keep):
            shown, _ = source.frame(self.first + number)
            if shown.size != size:
                with reading():
                    # No filter with lobes: their ripples would be new colours, and new changes.
                    shown = shown.resize(size, Image.Resampling.HAMMING)
            yield shown

    def _kept(self, keep: int) -> list[int]:
        """Choose frames evenly, by their numbers."""
        return [number * len(self.milliseconds) // keep for number in range(keep)]


def survey(
    file: BinaryIO, inspection: Inspection, limits: Limits, *, keep_copyright: bool = False
) -> Animation:
    """Decode every frame once, which proves that they are whole, and note what they are.

    Args:
        file: the original, open for reading.
        inspection: what its header says.
        limits: how many pixels and frames may be decoded.
        keep_copyright: keep copyright and artist.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `no_memory`, or
            `too_many_frames`.
    """
    source = _Frames(file, inspection, limits)
    image = source.image
    with reading():
        count = int(getattr(image, "n_frames", 1))
        first = 1 if image.info.get("default_image") else 0
        loop = image.info.get("loop")
    if count > limits.most_frames:
        raise too_many_frames(limits)
    durations: list[int] = []
    clearing = False
    size = (0, 0)
    said = ""
    there = _Opaque(None)
    for number in range(first, max(count, first + 1)):
        shown, said = source.frame(number)
        if shown.width * shown.height > limits.most_pixels:
            raise too_many_pixels(shown.width, shown.height, limits)
        size = shown.size
        with reading():
            durations.append(source.milliseconds)
            now = _Opaque.of(shown)
            clearing = clearing or (number > first and now.lacks(there))
            there = now
    return Animation(
        file=file,
        inspection=inspection,
        limits=limits,
        size=size,
        first=first,
        milliseconds=tuple(durations),
        loop=loop if isinstance(loop, int) else None,
        clearing=clearing,
        said=said,
        notice=kept_notice(image, file, inspection.format, keep_copyright=keep_copyright),
    )


def animation_memory(inspection: Inspection) -> int:
    """Return the bytes that an animation takes at the most: a few canvases, however long it is."""
    return inspection.width * inspection.height * CANVASES * 4 + SLACK_BYTES


@dataclass(frozen=True, slots=True)
class _Opaque:
    """Which pixels of a frame are there; no mask where all of them are."""

    mask: NDArray[np.bool_] | None

    @classmethod
    def of(cls, image: Image.Image) -> _Opaque:
        return cls(np.asarray(image.getchannel("A")) >= OPAQUE if image.mode == "RGBA" else None)

    def lacks(self, before: _Opaque) -> bool:
        """Whether a pixel that was there before is not there any more."""
        if self.mask is None:
            return False
        gone = ~self.mask if before.mask is None else before.mask & ~self.mask
        return bool(gone.any())


class _Frames:
    """Decodes an animation's frames one after the other."""

    def __init__(self, file: BinaryIO, inspection: Inspection, limits: Limits) -> None:
        """Open it.

        Raises:
            PhotoRefused: as when a still is opened.
        """
        self.image = open_picture(file, inspection, limits)
        self.milliseconds = 0
        self._inspection = inspection
        self._shown = composed_frames(file, self.image, inspection)
        self._next = 0

    def frame(self, number: int) -> tuple[Image.Image, str]:
        """Decode a frame as it is shown, `RGB` where all of it is opaque, else `RGBA`.

        Args:
            number: of a later frame than the one before; `milliseconds` is how long it is shown.

        Raises:
            PhotoRefused: as when a still is decoded.
        """
        if self._shown is None:
            with reading():
                self.image.seek(number)
                self.image.load()
                told = self.image.info.get("duration", 0)
                self.milliseconds = round(told) if isinstance(told, int | float) else 0
            return _as_shown(self.image, self.image, self._inspection)
        with reading():
            shown, self.milliseconds = next(islice(self._shown, number - self._next, None))
            self._next = number + 1
        return _as_shown(shown, self.image, self._inspection)


def _as_shown(
    painted: Image.Image, image: Image.Image, inspection: Inspection
) -> tuple[Image.Image, str]:
    with reading():
        icc = image.info.get("icc_profile")
        shown = plain(painted, inspection.format)
        if shown is painted:
            # The next frame is painted over this one.
            shown = painted.copy()
        shown, said = to_srgb(shown, icc if isinstance(icc, bytes) else b"", inspection.profile)
        shown = upright(shown, inspection.orientation)
        if shown.mode not in ("RGB", "RGBA"):
            shown = shown.convert("RGBA" if shown.mode == "LA" else "RGB")
        shown = without_idle_alpha(shown)
        shown.info = {}
        return shown, said


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is tried: width × height in pixels, how many frames, colours or quality."""

    size: tuple[int, int]
    frames: int
    step: int

    def smaller(self, scale: float) -> _Plan | None:
        """Return the plan with fewer pixels, None where there are few already."""
        longest = max(self.size)
        target = max(int(longest * min(0.9, scale * HEADROOM)), SMALLEST_SIDE)
        if target >= longest:
            return None
        return replace(self, size=scaled(self.size, target / longest))

    def sparser(self) -> _Plan | None:
        """Return the plan with fewer frames, None where too few would be left."""
        frames = self.frames * 2 // 3
        return None if frames < FEWEST_FRAMES else replace(self, frames=frames)


def encode_animation(
    file: BinaryIO, inspection: Inspection, limits: Limits, encoding: EncodeSettings
) -> Encoded:
    """Encode an animation within the limits.

    Args:
        file: the original, open for reading; it is decoded once for each attempt.
        inspection: what its header says.
        limits: bytes and longest side.
        encoding: qualities (for WebP), and whether copyright and artist are kept.

    Raises:
        PhotoRefused: `cannot_fit` with what was tried; what decoding raises; `defect`.
    """
    animation = survey(file, inspection, limits, keep_copyright=encoding.keep_copyright)
    made = (
        _gif(animation, limits)
        if inspection.format is ImageFormat.GIF
        else _webp(animation, limits, encoding)
    )
    work = [animation.said] if animation.said else []
    if inspection.orientation != 1:
        work.append("turned upright")
    if (made.width, made.height) != animation.size:
        work.append(f"{pixels(animation.size)} → {pixels((made.width, made.height))}")
    scale = max(made.width, made.height) / max(animation.size)
    encode_report = replace(
        made.encode_report, scale=round(scale, 4), resampling="Hamming" if scale < 1 else ""
    )
    return replace(made, work=(*work, *made.work), encode_report=encode_report)


def _gif(animation: Animation, limits: Limits) -> Encoded:
    count = len(animation.milliseconds)
    plan: _Plan | None = _Plan(
        size=fitted(animation.size, min(limits.longest_side, GIF_SIDE)),
        frames=min(count, GIF_FRAMES),
        step=256,
    )
    tried: list[str] = []
    while plan is not None:
        result = encode_gif(
            animation.frames(plan.size, plan.frames),
            animation.durations(plan.frames),
            size=plan.size,
            loop=animation.loop,
            colours=plan.step,
            clearing=animation.clearing,
            max_bytes=limits.max_bytes,
            notice=animation.notice,
        )
        said = (f"{plan.step} colours", _frames_said(count, plan.frames))
        if result.content is not None:
            return _checked(result.content, ImageFormat.GIF, plan, limits, said, len(tried) + 1)
        tried.append(_tried(plan, said, result.size))
        fewer = plan.smaller((limits.max_bytes / result.size) ** 0.5)
        if fewer is None and plan.step > FEWEST_COLOURS:
            fewer = replace(plan, step=plan.step // 2)
        plan = fewer or plan.sparser()
    raise cannot_fit("the animation", limits, tried)


def _webp(animation: Animation, limits: Limits, encoding: EncodeSettings) -> Encoded:
    count = len(animation.milliseconds)
    plan: _Plan | None = _Plan(
        size=fitted(animation.size, min(limits.longest_side, WEBP_LONGEST)),
        frames=count,
        step=encoding.quality_best,
    )
    tried: list[str] = []
    while plan is not None:
        content = encode_animated_webp(
            animation.frames(plan.size, plan.frames),
            animation.durations(plan.frames),
            loop=animation.loop,
            quality=plan.step,
            notice=animation.notice,
        )
        said = (f"WebP quality {plan.step}", _frames_said(count, plan.frames))
        if len(content) <= limits.max_bytes:
            return _checked(content, ImageFormat.WEBP, plan, limits, said, len(tried) + 1)
        tried.append(_tried(plan, said, len(content)))
        excess = len(content) / limits.max_bytes
        if plan.step > encoding.quality_floor:
            # Some 12 steps of quality halve a file between 95 and 80, some 30 below that.
            step = plan.step - 8 - int(12 * (excess - 1))
            plan = replace(plan, step=max(encoding.quality_floor, step))
        else:
            plan = plan.smaller(excess**-0.5) or plan.sparser()
    raise cannot_fit("the animation", limits, tried)


def _checked(
    content: bytes,
    format: ImageFormat,  # noqa: A002
    plan: _Plan,
    limits: Limits,
    said: tuple[str, ...],
    encodes: int,
) -> Encoded:
    made = Encoded(
        content=content,
        format=format,
        width=plan.size[0],
        height=plan.size[1],
        work=said,
        encode_report=EncodeReport(
            quality=float(plan.step) if format is ImageFormat.WEBP else None,
            encodes=encodes,
            why="an animation stays one",
        ),
    )
    check_encoded(made, limits, plan.frames)
    return made


def _tried(plan: _Plan, said: tuple[str, ...], size: float) -> str:
    return f"{pixels(plan.size)}, {', '.join(said)} ({data_size(size, digits=1)})"


def _frames_said(count: int, kept: int) -> str:
    return f"{kept} frames" if kept == count else f"{kept} of {count} frames"
