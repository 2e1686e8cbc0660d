"""Whether the store refuses one photograph after another alike, which is no photograph's fault.

A wrong recipe, limit or map makes the store refuse a whole folder, and each would fail for itself.
Source: the store's migration guide: a row of 422s is a reason to pause everything.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from typing import Final

from pipeline.values import Photo

__all__ = ["ENOUGH", "Alike"]

ENOUGH: Final = 20
"""Refusals alike, and no success in between, that are no coincidence."""

MOST_KINDS: Final = 100
"""Different refusals that are remembered; where there are more, they are not alike."""

_WORD_WITH_DIGIT: Final = re.compile(r"[^\s:,;()\"'“”]*\d[^\s:,;()\"'“”]*")


class Alike:
    """Counts refusals by what they say, but for the photograph; threads may share it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._photos: dict[str, list[str]] = defaultdict(list)

    def refused(self, photo: Photo, sentence: str) -> bool:
        """Note that a photograph was refused; return whether that is its own matter.

        Where enough others have failed by the same sentence, it is not.
        """
        kind = _kind(photo, sentence)
        with self._lock:
            if kind not in self._photos and len(self._photos) >= MOST_KINDS:
                self._photos.clear()
            photos = self._photos[kind]
            if len(photos) >= ENOUGH:
                return False
            photos.append(photo.id)
            return True

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the photographs that failed alike, where they are enough; else none."""
        with self._lock:
            return next((tuple(ids) for ids in self._photos.values() if len(ids) >= ENOUGH), ())

    def forget(self) -> None:
        """Begin anew: one was taken, or somebody has done something."""
        with self._lock:
            self._photos.clear()


def _kind(photo: Photo, sentence: str) -> str:
    """Return a refusal without what is only this photograph's: its name, product and figures."""
    names = [photo.path.name, photo.path.stem, photo.sku or ""]
    if photo.picture is not None:
        names += [photo.picture.upload_name, photo.picture.upload_name.rpartition(".")[0]]
    for name in sorted(filter(None, names), key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", sentence, flags=re.I)
    status, _, rest = sentence.partition(":")
    return status + ":" + _WORD_WITH_DIGIT.sub("…", rest)
