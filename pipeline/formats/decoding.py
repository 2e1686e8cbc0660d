"""The stations at which a foreign exception becomes ours.

Pillow raises nearly anything for a broken file: of 14,661 files of public collections 5,853 decode,
the others gave OSError (4,469), UnidentifiedImageError (3,879), ValueError (368),
DecompressionBombError (72) and SyntaxError (12), and counting frames IndexError (21) (Pillow 13.0).
So every kind is caught at the few places that read foreign bytes, never a list of classes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.lifecycle import Reason

__all__ = ["reading", "too_many_pixels", "writing"]


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever goes wrong while foreign bytes are decoded into a refusal.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `no_memory` or `unreadable`.
    """
    try:
        yield
    except PhotoRefused:
        raise
    except MemoryError as error:
        raise _no_memory() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels() from error
    except Exception as error:
        raise _broken(error) from error


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn whatever goes wrong while our own picture is made into a refusal that says so.

    Raises:
        PhotoRefused: `no_memory`, else `defect`.
    """
    try:
        yield
    except PhotoRefused:
        raise
    except MemoryError as error:
        raise _no_memory() from error
    except Exception as error:
        raise PhotoRefused(
            Reason.DEFECT,
            f"it could not be made into {what} ({_said(error)}): "
            "this is a fault of the program, not of the photograph; please report it",
        ) from error


def too_many_pixels() -> PhotoRefused:
    """Give the refusal of a picture with more pixels than are decoded."""
    return PhotoRefused(
        Reason.TOO_MANY_PIXELS,
        "it has more pixels than the program decodes: save it smaller, or raise the limit",
    )


def _broken(error: Exception) -> PhotoRefused:
    if isinstance(error, OSError) and error.errno is not None:
        return PhotoRefused(
            Reason.UNREADABLE,
            f"it cannot be read ({error.strerror}): check its permissions and its disk",
        )
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return PhotoRefused(
            Reason.TRUNCATED, "it ends before the picture does: copy it again from its source"
        )
    return PhotoRefused(
        Reason.DAMAGED, f"it cannot be decoded ({_said(error)}): copy it again from its source"
    )


def _no_memory() -> PhotoRefused:
    return PhotoRefused(
        Reason.NO_MEMORY,
        "there was not enough memory for it: close other programs, or use fewer workers",
    )


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
