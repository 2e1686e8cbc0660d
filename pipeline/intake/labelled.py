"""Labels read as photographs come in: whose those are that come after one.

They are read one after another, in the order in which they come in, before anything else is done
about them: so it plays no part which worker is ready first. What comes after a label in the same
shoot is its product's, until the next label, or until somebody says what is on the table. A shoot
is what a hook notes down, or what lies in one folder. A label whose code the shop does not know
leaves what comes after it waiting for that name, and not with the label before.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pipeline.durable import replace_file
from pipeline.errors import PhotoRefused
from pipeline.home import LABELS_FILE
from pipeline.hook.inbox import current_product, set_current_product, table_set_at
from pipeline.labels import Code, label_in
from pipeline.refusals import shows_label
from pipeline.values import Arrival, Door, Original, Photo
from pipeline.wording import writable

__all__ = ["Labels"]

MOST_SHOOTS: Final = 200
"""Folders of which the last label is remembered from one start of the program to the next."""

_HOOK: Final = ""
"""The shoot of all hooks; the others are folders."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Last:
    """The last label of a shoot, and when it was shot: seconds since 1970."""

    code: str
    at: float


class Labels:
    """Reads labels, and gives what comes after one to its product; threads may share it."""

    def __init__(
        self,
        home: Path,
        shops: Collection[str],
        codes: Callable[[Original], Sequence[Code]],
        known_at: Callable[[Path], Sequence[Photo]],
        release: Callable[[str], None],
        *,
        prefix: str = "",
    ) -> None:
        """Know what was remembered.

        Args:
            home: where it is remembered, and what is on the table is said.
            shops: those whose shots of a hook are taken in here.
            codes: reads the codes in a photograph; raises `PhotoRefused`.
            known_at: returns the photographs that arrived from a path before.
            release: lets go of the bytes of a label that were kept, by their SHA-256.
            prefix: what the studio's labels begin with.
        """
        self._home = home
        self._shops = tuple(shops)
        self._codes = codes
        self._known_at = known_at
        self._release = release
        self._prefix = prefix
        self._lock = threading.Lock()
        self._of_run: dict[str, _Last] = {}

    def reading(self, taken_in: Callable[[Arrival], Original]) -> Callable[[Arrival], Original]:
        """Return what takes arrivals in, reads labels, and says whose the others are.

        It raises `PhotoRefused` of a label, which is not for upload.
        """

        def read(arrival: Arrival) -> Original:
            original = taken_in(arrival)
            with self._lock:
                code = self._label(original)
                if code is None:
                    return self._given(arrival, original)
                self._note(arrival, code)
            self._release(original.sha256)
            raise shows_label(code)

        return read

    def _label(self, original: Original) -> str | None:
        try:
            return label_in(self._codes(original), self._prefix)
        except PhotoRefused:
            return None  # what is wrong with it is found and said when it is checked

    def _note(self, arrival: Arrival, code: str) -> None:
        shoot, last = _shoot_of(arrival), _Last(code, arrival.seen_at.timestamp())
        if arrival.door is Door.RUN:
            # A run goes through the folder from its beginning each time.
            self._of_run[shoot] = last
            return
        # Another process may have noted one of another shoot meanwhile.
        remembered = _remembered(self._home / LABELS_FILE)
        remembered.pop(shoot, None)
        remembered[shoot] = last
        while len(remembered) > MOST_SHOOTS:
            del remembered[next(iter(remembered))]
        kept = {name: [one.code, one.at] for name, one in remembered.items()}
        replace_file(os.fspath(self._home / LABELS_FILE), json.dumps(kept).encode())
        if arrival.door is Door.HOOK:
            self._put_on_the_table(last)

    def _put_on_the_table(self, last: _Last) -> None:
        home = str(self._home)
        for shop in self._shops:
            if (table_set_at(home, shop) or 0.0) <= last.at:
                set_current_product(home, {"sku": last.code}, shop, at=last.at)

    def _given(self, arrival: Arrival, original: Original) -> Original:
        """Return a photograph with the product of the label before it, where that counts."""
        said = original.sku is not None or original.placement is not None
        if said and not arrival.from_current_product:
            return original  # its caller knows
        last = self._last(arrival)
        if last is None or last.at > arrival.seen_at.timestamp():
            return original
        if any(one.sha256 == original.sha256 for one in self._known_at(arrival.path)):
            return original  # it has come before, and what was before it then counts
        if arrival.door is not Door.HOOK:
            return self._on_the_table_since(last, arrival, original)
        table = arrival.table_since
        if table is not None and table.timestamp() > last.at:
            return original
        return _labelled(original, last.code)

    def _last(self, arrival: Arrival) -> _Last | None:
        shoot = _shoot_of(arrival)
        if arrival.door is Door.RUN:
            return self._of_run.get(shoot)
        return _remembered(self._home / LABELS_FILE).get(shoot)

    def _on_the_table_since(self, last: _Last, arrival: Arrival, original: Original) -> Original:
        """Return it with the label's product, or what was put on the table by hand since."""
        home, shop = str(self._home), min(self._shops, default="")
        set_at = table_set_at(home, shop)
        if set_at is None or not last.at < set_at <= arrival.seen_at.timestamp():
            return _labelled(original, last.code)
        sku = current_product(home, shop).get("sku")
        return original if sku is None else _labelled(original, sku)


def _labelled(original: Original, code: str) -> Original:
    return replace(original, sku=writable(code), placement=None, from_current_product=True)


def _shoot_of(arrival: Arrival) -> str:
    return _HOOK if arrival.door is Door.HOOK else os.fspath(arrival.path.parent)


def _remembered(file: Path) -> dict[str, _Last]:
    try:
        told = json.loads(file.read_bytes())
        return {str(shoot): _Last(str(code), float(at)) for shoot, (code, at) in told.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("which labels were read last cannot be read (%s): none counts", error)
        return {}
