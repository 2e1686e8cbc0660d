"""What is said of a photograph that is tried again: whether the shop kept it back, and why."""

from __future__ import annotations

from pipeline.errors import ConfigError, PipelineError, StoreError
from pipeline.lifecycle import KEPT_BACK, Reason

__all__ = ["why_later"]


def why_later(error: PipelineError) -> tuple[str, Reason | None]:
    """Return the sentence of a photograph that an error had postponed, and the reason for programs.

    The reason is `NOT_SENT` where the shop, the network or the token kept it back, else none.
    """
    if isinstance(error, StoreError | ConfigError):
        return f"{KEPT_BACK}{error}", Reason.NOT_SENT
    return str(error), None
