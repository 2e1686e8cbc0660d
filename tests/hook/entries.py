from __future__ import annotations

from pathlib import Path

from pipeline.hook import inbox

__all__ = ["entries"]


def entries(home: Path) -> list[dict[str, str]]:
    return [inbox.read_entry(entry) for entry in inbox.entries(str(home))]
