"""The places at which a foreign exception becomes ours.

Pillow raises nearly anything for a broken file: of 14,661 files of public collections 5,853 decode,
the others gave OSError (4,469), UnidentifiedImageError (3,879), ValueError (368),
DecompressionBombError (72) and SyntaxError (12), and counting frames IndexError (21) (Pillow 13.0).
So every kind is caught at the few places that read foreign bytes, never a list of classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image

from pipeline.errors import PhotoRefused
from pipeline.refusals import (
    damaged,
    defect,
    no_memory,
    too_many_pixels_to_decode,
    truncated,
    undecodable,
    unreadable,
)

__all__ = ["reading", "reading_header", "writing"]


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever goes wrong while foreign bytes are decoded into a refusal.

    Raises:
        PhotoRefused: `truncated`, `damaged`, `too_many_pixels`, `no_memory` or `unreadable`.
    """
    with _refusing(_undecodable):
        yield


@contextmanager
def reading_header() -> Iterator[None]:
    """Turn whatever goes wrong on foreign bytes before they are decoded into a refusal.

    Raises:
        PhotoRefused: `damaged`, `too_many_pixels`, `no_memory` or `unreadable`.
    """
    with _refusing(lambda _: damaged("what it says of itself at its beginning makes no sense")):
        yield


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
        raise no_memory() from error
    except Exception as error:
        raise defect(f"it could not be made into {what} ({_said(error)})") from error


@contextmanager
def _refusing(otherwise: Callable[[Exception], PhotoRefused]) -> Iterator[None]:
    try:
        yield
    except PhotoRefused:
        raise
    except MemoryError as error:
        raise no_memory() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels_to_decode() from error
    except OSError as error:
        # One without a number is Pillow's word for a broken picture.
        raise (otherwise(error) if error.errno is None else unreadable(error)) from error
    except Exception as error:
        raise otherwise(error) from error


def _undecodable(error: Exception) -> PhotoRefused:
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return truncated()
    return undecodable(_said(error))


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
