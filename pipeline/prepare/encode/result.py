"""What an attempt to bring a picture under the limit gives: a picture, or how far it missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pipeline.values import EncodeReport, ImageFormat

__all__ = ["Encoded", "Miss", "told"]


HEADROOM: Final = 0.93
"""How much smaller than estimated the next try is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A picture within the limits: its bytes, format and pixels, and how it came to be.

    `work` and `encode_report` are those of `Picture`.
    """

    content: bytes
    format: ImageFormat
    width: int
    height: int
    work: tuple[str, ...]
    encode_report: EncodeReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """An attempt that did not fit.

    Attributes:
        tried: what was tried and how large it came out, for the sentence of a refusal.
        scale: the factor by which the sides would have to shrink for it to fit, below 1.
        exact: the factor is the format's own limit on a side, no estimate.
    """

    tried: str
    scale: float
    exact: bool = False

    @property
    def next_scale(self) -> float:
        """The factor for the next try, with room for a quality above its floor."""
        return self.scale if self.exact else min(0.9, self.scale * HEADROOM)


def told(tried: list[str]) -> str:
    """Write what was tried for people: the first and the last two attempts say enough."""
    if len(tried) <= 5:
        return "; ".join(tried)
    return f"{'; '.join(tried[:2])}; {len(tried) - 4} more; {'; '.join(tried[-2:])}"
