"""Whether the store refuses one photograph after another alike, which is no photograph's fault.

A wrong recipe, limit or map makes the store refuse a whole folder, and each would fail for itself.
Source: the store's migration guide: a row of 422s is a reason to pause everything.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Final

from pipeline.values import Photo

__all__ = ["ENOUGH", "Alike"]

ENOUGH: Final = 20
"""Refusals alike, and no success in between, that are no coincidence."""

MOST_KINDS: Final = 100
"""Different refusals that are remembered; where there are more, they are not alike."""

SHARED: Final = 0.5
"""The share of their words, at least, that sentences alike have in common: a store may name the
product, by a name that only the store knows."""

_WORD_WITH_DIGIT: Final = re.compile(r"[^\s:,;()\"'“”]*\d[^\s:,;()\"'“”]*")


@dataclass(slots=True)
class _Kind:
    """A refusal without what is only its photograph's, and who got it."""

    status: str
    words: frozenset[str]
    ids: list[str] = field(default_factory=list)
    products: set[int] = field(default_factory=set)
    is_everybodys: bool = False

    def is_like(self, other: _Kind) -> bool:
        if self.status != other.status:
            return False
        either = len(self.words | other.words)
        return len(self.words & other.words) >= SHARED * either


class Alike:
    """Counts refusals by what they say, but for the photograph; threads may share it."""

    def __init__(self) -> None:
        """Begin without any."""
        self._lock = threading.Lock()
        self._kinds: list[_Kind] = []

    def refused(self, photo: Photo, sentence: str, *, others_due: bool = False) -> bool:
        """Note that a photograph was refused; return whether that is its own matter.

        Where enough others have failed by the same sentence, it is not.

        Args:
            photo: the photograph.
            sentence: what the store said.
            others_due: there are other products to be sent to: as long as only one is refused, it
                is that product's matter, and holds up no other.
        """
        new = _kind(photo, sentence)
        with self._lock:
            kind = next((known for known in self._kinds if known.is_like(new)), None)
            if kind is None:
                if len(self._kinds) >= MOST_KINDS:
                    self._kinds.clear()
                self._kinds.append(kind := new)
            if kind.is_everybodys:
                return False
            kind.ids.append(photo.id)
            del kind.ids[:-ENOUGH]
            if photo.placement is not None:
                kind.products.add(photo.placement.product_id)
            spared = others_due and len(kind.products) == 1
            kind.is_everybodys = len(kind.ids) >= ENOUGH and not spared
            return True

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the photographs that failed alike, where they are enough; else none."""
        with self._lock:
            return next((tuple(kind.ids) for kind in self._kinds if kind.is_everybodys), ())

    def forget(self) -> None:
        """Begin anew: one was taken, or somebody has done something."""
        with self._lock:
            self._kinds.clear()


def _kind(photo: Photo, sentence: str) -> _Kind:
    """Return a refusal without what is only this photograph's: its name, product and figures."""
    names = [photo.path.name, photo.path.stem, photo.sku or ""]
    if photo.picture is not None:
        names += [photo.picture.upload_name, photo.picture.upload_name.rpartition(".")[0]]
    for name in sorted(filter(None, names), key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "…", sentence, flags=re.I)
    status, _, rest = sentence.partition(":")
    return _Kind(status, frozenset(re.findall(r"\w+", _WORD_WITH_DIGIT.sub(" ", rest.casefold()))))
