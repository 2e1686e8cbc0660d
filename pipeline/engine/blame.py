"""Whose fault an error is: what counts against a photograph, and what it says of the store."""

from __future__ import annotations

from typing import Final

from pipeline.engine.ports import StoreHealth
from pipeline.errors import (
    PhotoRefused,
    PipelineError,
    StoreDenied,
    StoreThrottled,
    StoreUnavailable,
    StoreUnreachable,
    StoreUnsure,
)
from pipeline.lifecycle import PASSING_REASONS, PASSING_TRIES
from pipeline.values import Photo

__all__ = ["BLAMELESS", "cause", "health_after", "may_pass"]

BLAMELESS: Final = (StoreThrottled, StoreUnreachable, StoreDenied)
"""Errors that have nothing to do with the photograph: they use up no attempt."""


def may_pass(photo: Photo, error: PhotoRefused) -> bool:
    """Whether what a photograph is refused for may be gone at its next try."""
    return error.reason in PASSING_REASONS and photo.attempts < PASSING_TRIES


def health_after(error: PipelineError) -> StoreHealth:
    """Return how the store does, by an error."""
    if isinstance(error, StoreUnreachable):
        return StoreHealth.NOTHING
    bad = isinstance(error, StoreUnavailable | StoreUnsure)
    return StoreHealth.BADLY if bad and not isinstance(error, StoreThrottled) else StoreHealth.WELL


def cause(error: Exception) -> str:
    """Return what went wrong, in words or by its kind."""
    return str(error) if isinstance(error, PipelineError) else type(error).__name__
