"""What a worker process is told once, when it is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.values import EncodeSettings, Limits

__all__ = ["Setup"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a worker is told once.

    Attributes:
        limits: of what comes in and goes up.
        recipe: how a picture is made.
        spool: the folder of prepared pictures.
        memory: bytes that one decoded picture may take.
        seconds: that one task may take, waiting for memory not counted.
    """

    limits: Limits
    recipe: EncodeSettings
    spool: Path
    memory: int
    seconds: float
