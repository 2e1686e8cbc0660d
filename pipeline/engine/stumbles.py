"""Over which photograph the store stumbles, though it takes others: that one may not hold up all.

What the store or the network does costs no photograph its place in its product: the later ones wait
for it, however often it must be tried. But a store may stumble over one alone, for ever. So it is
counted how often that happened while the store did well otherwise; after so many times the
photograph fails, with a sentence that says what it means, and the others go on. Where nothing else
goes up that would show how the store does, it is waited for.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

__all__ = ["TRIES", "Stumbles", "gave_way"]

TRIES: Final = 8
"""With pauses that double from one second on, this is two minutes of a store that fails at once. A
store that fails every third request, and by chance, does that to one photograph in 6,000."""

MOST_REMEMBERED: Final = 10_000
"""Photographs; of more the first is forgotten, and counted anew."""


@dataclass(slots=True)
class _Series:
    well: int
    """How often the store had done well before the last stumble."""
    alone: int = 0
    """Stumbles before which it had done well with something else."""


class Stumbles:
    """What this process saw of it; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._series: dict[str, _Series] = {}
        self._well = 0

    def __len__(self) -> int:
        """Return of how many photographs something is remembered."""
        return len(self._series)

    def went_well(self, photo_id: str) -> None:
        """Note that the store took a photograph."""
        with self._lock:
            self._series.pop(photo_id, None)
            self._well += 1

    def stumbled(self, photo_id: str, *, well: bool = False) -> bool:
        """Note that the store could not do its part for a photograph.

        Args:
            photo_id: of the photograph.
            well: the store did well with something else just now.

        Returns:
            Whether it is over this photograph alone, and has been often enough.
        """
        with self._lock:
            if photo_id not in self._series and len(self._series) >= MOST_REMEMBERED:
                del self._series[next(iter(self._series))]
            series = self._series.setdefault(photo_id, _Series(self._well))
            series.alone += well or self._well > series.well
            series.well = self._well
            if series.alone < TRIES:
                return False
            del self._series[photo_id]
            return True


def gave_way(what: object) -> str:
    """Return the sentence for a photograph that holds up the others of its product no longer."""
    return (
        f"{what}, again and again, while the shop does well otherwise: others of its product may "
        "go up before it. Retry it, then look at their order in the shop"
    )
