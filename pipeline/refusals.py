"""The refusals of this room, each a sentence that says what is wrong and what would mend it.

They are read by photographers, beside the path, which the caller prints: plain words, no path.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason
from pipeline.values import Limits

__all__ = [
    "cannot_fit",
    "checked_size",
    "cut",
    "cut_with_zeros",
    "damaged",
    "defect",
    "no_memory",
    "not_taken",
    "too_many_frames",
    "too_many_pixels",
    "unreadable",
]

AGAIN = "copy or export it again"


def cut(what: str = "the picture") -> PhotoRefused:
    """Return the refusal of a file that ends before its picture does."""
    return PhotoRefused(
        Reason.TRUNCATED, f"it is cut off: the file ends before {what} does ({AGAIN})"
    )


def cut_with_zeros(what: str = "its last part") -> PhotoRefused:
    """Return the refusal of a file of full length whose end was never filled in."""
    return PhotoRefused(
        Reason.TRUNCATED,
        f"it is not whole: {what} is empty, as when copying stops halfway ({AGAIN})",
    )


def damaged(what: str) -> PhotoRefused:
    """Return the refusal of a file that contradicts itself; `what` is a clause without a stop."""
    return PhotoRefused(Reason.DAMAGED, f"it is damaged: {what} ({AGAIN})")


def not_taken(what: str, mend: str) -> PhotoRefused:
    """Return the refusal of a picture of a kind that the shop does not take."""
    return PhotoRefused(Reason.FORMAT_NOT_TAKEN, f"it is {what}: {mend}")


def unreadable(error: OSError) -> PhotoRefused:
    """Return the refusal of a file that the disk or the network does not give."""
    cause = error.strerror or type(error).__name__
    return PhotoRefused(
        Reason.UNREADABLE, f"it cannot be read ({cause}): check its permissions and its disk"
    )


def no_memory() -> PhotoRefused:
    """Return the refusal of a file for which there was no memory at the moment."""
    return PhotoRefused(
        Reason.NO_MEMORY,
        "there was not enough memory for it: close other programs, or use fewer workers",
    )


def too_many_pixels(width: int, height: int, limits: Limits) -> PhotoRefused:
    """Return the refusal of a picture that would take too much memory."""
    return PhotoRefused(
        Reason.TOO_MANY_PIXELS,
        f"it is {width} × {height} pixels, and at most {limits.most_pixels / 1e6:g} megapixels "
        "are taken: export it smaller, or raise the limit",
    )


def too_many_frames(limits: Limits) -> PhotoRefused:
    """Return the refusal of an animation without end."""
    return PhotoRefused(
        Reason.TOO_MANY_FRAMES,
        f"it is an animation of more than {limits.most_frames} pictures: "
        "export a shorter one, or raise the limit",
    )


def cannot_fit(what: str, limits: Limits, tried: Sequence[str]) -> PhotoRefused:
    """Return the refusal of a picture that is too large however it is encoded.

    Args:
        what: `it`, or what of it.
        limits: the most bytes.
        tried: every attempt, in order; the first and the last two say enough.
    """
    said = list(tried)
    if len(said) > 5:
        said[2:-2] = [f"{len(said) - 4} more"]
    return PhotoRefused(
        Reason.CANNOT_FIT,
        f"{what} cannot be brought under {limits.max_bytes:,} bytes: tried {'; '.join(said)}",
    )


def defect(what: str) -> PhotoRefused:
    """Return the refusal of a photograph over which the program itself failed."""
    return PhotoRefused(
        Reason.DEFECT,
        f"{what}: this is a fault of the program, not of the photograph; please report it",
    )


def checked_size(width: int, height: int, limits: Limits) -> tuple[int, int]:
    """Return width and height back if there is a picture of that size and memory for it.

    This comes before anything is decoded, so that a few bytes that promise billions of pixels
    cost nothing.

    Raises:
        PhotoRefused: `damaged` or `too_many_pixels`.
    """
    if width < 1 or height < 1:
        raise damaged("it says that it has no width or no height")
    if width * height > limits.most_pixels:
        raise too_many_pixels(width, height, limits)
    return width, height
