"""Brings an animation under the limit: by fewer pixels, then fewer colours, then fewer frames.

GIF stays GIF; WebP stays WebP; a PNG that cannot go up as it is becomes WebP, which loses no
colours. What is shown, its timing and its repetitions stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.prepare.encode.fit_reel import write_reel
from pipeline.prepare.encode.gif import write_gif
from pipeline.prepare.encode.result import Encoded, told
from pipeline.prepare.encode.verify import verify
from pipeline.prepare.encode.webp import WEBP_LONGEST
from pipeline.prepare.film import Film, survey
from pipeline.prepare.geometry import fitted, scaled
from pipeline.prepare.passthrough import GIF_FRAMES, GIF_SIDE
from pipeline.values import EncodeReport, EncodeSettings, ImageFormat, Inspection, Limits
from pipeline.wording import data_size, pixels

__all__ = ["animate"]

SMALLEST_SIDE: Final = 320
"""Longest side in pixels down to which pixels are given up before colours or frames are."""

FEWEST_COLOURS: Final = 32
"""Colours a frame down to which colours are given up before frames are."""

FEWEST_FRAMES: Final = 2
"""Frames below which it would be no animation."""

HEADROOM: Final = 0.96
"""How much smaller than foretold the next try is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is tried: width × height in pixels, how many frames, colours or quality."""

    size: tuple[int, int]
    frames: int
    step: int

    def smaller(self, scale: float) -> _Plan | None:
        """Give the plan with fewer pixels, None where there are few already."""
        longest = max(self.size)
        target = max(int(longest * min(0.9, scale * HEADROOM)), SMALLEST_SIDE)
        if target >= longest:
            return None
        return replace(self, size=scaled(self.size, target / longest))

    def sparser(self) -> _Plan | None:
        """Give the plan with fewer frames, None where too few would be left."""
        frames = self.frames * 2 // 3
        return None if frames < FEWEST_FRAMES else replace(self, frames=frames)


def animate(
    file: BinaryIO, inspection: Inspection, limits: Limits, recipe: EncodeSettings
) -> Encoded:
    """Encode an animation within the limits.

    Args:
        file: the original, open for reading; it is decoded once for each attempt.
        inspection: what its header says.
        limits: bytes and longest side.
        recipe: qualities and kept metadata (for WebP; a GIF has neither).

    Raises:
        PhotoRefused: `cannot_fit` with what was tried; what decoding raises; `defect`.
    """
    film = survey(file, inspection, limits, keep_copyright=recipe.keep_copyright)
    made = (
        _gif(film, limits) if inspection.format is ImageFormat.GIF else _webp(film, limits, recipe)
    )
    work = [film.said] if film.said else []
    if inspection.orientation != 1:
        work.append("turned upright")
    if (made.width, made.height) != film.size:
        work.append(f"{pixels(film.size)} → {pixels((made.width, made.height))}")
    scale = max(made.width, made.height) / max(film.size)
    encode_report = replace(
        made.encode_report, scale=round(scale, 4), resampling="Hamming" if scale < 1 else ""
    )
    return replace(made, work=(*work, *made.work), encode_report=encode_report)


def _gif(film: Film, limits: Limits) -> Encoded:
    count = len(film.milliseconds)
    plan: _Plan | None = _Plan(
        size=fitted(film.size, min(limits.longest_side, GIF_SIDE)),
        frames=min(count, GIF_FRAMES),
        step=256,
    )
    tried: list[str] = []
    while plan is not None:
        result = write_gif(
            film.frames(plan.size, plan.frames),
            size=plan.size,
            count=plan.frames,
            loop=film.loop,
            colours=plan.step,
            clearing=film.clearing,
            most=limits.max_bytes,
        )
        said = (f"{plan.step} colours", _frames_said(count, plan.frames))
        if result.content is not None:
            return _verified(result.content, ImageFormat.GIF, plan, limits, said, len(tried) + 1)
        tried.append(f"{pixels(plan.size)}, {', '.join(said)} ({data_size(result.size, digits=1)})")
        fewer = plan.smaller((limits.max_bytes / result.size) ** 0.5)
        if fewer is None and plan.step > FEWEST_COLOURS:
            fewer = replace(plan, step=plan.step // 2)
        plan = fewer or plan.sparser()
    raise _cannot_fit(limits, tried)


def _webp(film: Film, limits: Limits, recipe: EncodeSettings) -> Encoded:
    count = len(film.milliseconds)
    plan: _Plan | None = _Plan(
        size=fitted(film.size, min(limits.longest_side, WEBP_LONGEST)),
        frames=count,
        step=recipe.quality_best,
    )
    tried: list[str] = []
    while plan is not None:
        content = write_reel(film, plan.size, plan.frames, plan.step)
        said = (f"WebP quality {plan.step}", _frames_said(count, plan.frames))
        if len(content) <= limits.max_bytes:
            return _verified(content, ImageFormat.WEBP, plan, limits, said, len(tried) + 1)
        tried.append(
            f"{pixels(plan.size)}, {', '.join(said)} ({data_size(len(content), digits=1)})"
        )
        excess = len(content) / limits.max_bytes
        if plan.step > recipe.quality_floor:
            # Some 12 steps of quality halve a file between 95 and 80, some 30 below that.
            step = plan.step - 8 - int(12 * (excess - 1))
            plan = replace(plan, step=max(recipe.quality_floor, step))
        else:
            plan = plan.smaller(excess**-0.5) or plan.sparser()
    raise _cannot_fit(limits, tried)


def _verified(
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
    verify(made, limits, plan.frames)
    return made


def _frames_said(count: int, kept: int) -> str:
    return f"{kept} frames" if kept == count else f"{kept} of {count} frames"


def _cannot_fit(limits: Limits, tried: list[str]) -> PhotoRefused:
    return PhotoRefused(
        Reason.CANNOT_FIT,
        f"the animation cannot be brought under {limits.max_bytes:,} bytes: tried {told(tried)}",
    )
