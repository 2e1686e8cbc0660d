"""The rule of the maps: whose picture a file is by the CSV maps that hold for it.

A map that the caller gave holds for all files; one that lies in a folder (the setting `maps`) for
what lies in that folder and below. A map that was changed is read again before it is used.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pipeline.errors import ConfigError
from pipeline.intake.chain import Said
from pipeline.intake.leftovers import is_ignored_name
from pipeline.intake.maps.census import Census, unmatched
from pipeline.intake.maps.csv_map import CsvMap, how_it_fits, read_map
from pipeline.intake.maps.entries import Entry
from pipeline.values import Arrival, Original, Rule
from pipeline.wording import shown

__all__ = ["Maps"]

LOOKED_AGAIN: Final = 2.0
"""Seconds until it is looked again whether a map was changed, or a folder has got one."""

MOST_FOLDERS: Final = 2_000
"""Folders of which it is remembered which maps lie in them."""

MOST_MAPS: Final = 20
"""Maps of folders that are kept in memory; another one puts the oldest out."""

MOST_BAD_SHOWN: Final = 5


@dataclass(slots=True)
class _Followed:
    """A map's file, and what it said when it was read last."""

    path: Path
    signature: tuple[int, int] | None = None
    read: CsvMap | None = None
    looked_at: float = float("-inf")


class Maps:
    """Says whose picture a file is; threads may share it."""

    def __init__(
        self,
        given: Sequence[Path] = (),
        patterns: Sequence[str] = (),
        *,
        say: Callable[[str], None] = lambda sentence: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the maps that were given.

        Args:
            given: they hold for all files.
            patterns: of names, as `*.csv`, of the maps that lie in folders.
            say: is told what is wrong with a map, once each time it is read.
            monotonic: gives seconds.

        Raises:
            ConfigError: one that was given cannot be used.
        """
        self._say = say
        self._monotonic = monotonic
        self._patterns = tuple(pattern.casefold() for pattern in patterns)
        self._lock = threading.RLock()
        self._census = Census()
        self._folders: dict[Path, tuple[float, tuple[Path, ...]]] = {}
        self._followed: dict[Path, _Followed] = {}
        self._given = tuple(Path(os.path.abspath(path)) for path in given)  # noqa: PTH100
        self._came = threading.Event()
        self._signatures = {path: _signature(path) for path in self._given}
        for path in self._given:
            self._read(self._follow(path))

    @property
    def any(self) -> bool:
        """Whether there is a map, or may be one."""
        return bool(self._given or self._patterns)

    @property
    def version(self) -> str:
        """Return another text once the maps that were given say something else."""
        with self._lock:
            signed = [(str(path), self._follow(path).signature) for path in self._given]
        return hashlib.sha256(repr((signed, self._patterns)).encode()).hexdigest()[:16]

    def noticing(self, taken_in: Callable[[Arrival], Original]) -> Callable[[Arrival], Original]:
        """Return what takes arrivals in, and notices where one of them is a map of a folder."""

        def noticed(arrival: Arrival) -> Original:
            name = arrival.path.name.casefold()
            if any(fnmatchcase(name, pattern) for pattern in self._patterns):
                self._came.set()
            return taken_in(arrival)

        return noticed

    def changed(self) -> bool:
        """Whether a map came or was changed since this was asked last: then all are read again.

        Those in folders are noticed as they come in; those that were given are looked at.
        """
        signatures = {path: _signature(path) for path in self._given}
        if signatures == self._signatures and not self._came.is_set():
            return False
        self._came.clear()
        self._signatures = signatures
        with self._lock:
            self._folders.clear()
            for followed in self._followed.values():
                followed.looked_at = float("-inf")
        return True

    def says(self, original: Original) -> Said | None:
        """Return what the maps say of a photograph; None where none names it."""
        with self._lock:
            found = [
                (csv_map, entry)
                for csv_map in self._of(original)
                for entry in csv_map.about(original.path)
            ]
            if not found:
                return None
            self._census.note(original.path)
            return self._said(original, found)

    def compare(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield what is wrong in the maps that were given, and what they lack or name in vain.

        Args:
            paths: of all files that lie there.
        """
        listed = list(paths) if self._given else []
        for path in self._given:
            csv_map = self._now(self._follow(path))
            if csv_map is not None:
                pictures = f"{csv_map.entries:,} picture{'' if csv_map.entries == 1 else 's'}"
                yield f"the map {shown(path)} is {csv_map.dialect}: it names {pictures}"
                yield from unmatched(csv_map, listed, self._census).sentences(shown(path))

    def _said(self, original: Original, found: Sequence[tuple[CsvMap, Entry]]) -> Said | None:
        kept = []
        doubt = ""
        for csv_map, entry in found:
            rivals = [
                path
                for path in self._census.rivals(entry, original.path)
                if csv_map.path in self._given or path.is_relative_to(csv_map.path.parent)
            ]
            if rivals and not _fits_as_well(entry, original.path, rivals[0]):
                continue  # it is that one's
            if rivals:
                doubt = doubt or (
                    f"row {entry.row} of the map {csv_map.path.name} may mean this file or "
                    f"{shown(rivals[0])}"
                )
            kept.append((csv_map, entry))
        if not kept:
            return None
        (first_map, first), others = kept[0], kept[1:]
        also = [entry.names for _, entry in others if entry.names != first.names]
        entries = [entry for _, entry in kept]
        of_one_map = also and not doubt and all(csv_map is first_map for csv_map, _ in kept)
        return Said(
            rule=Rule.MAP,
            names=first.names,
            source=f"the map {first_map.path.name}",
            because=_because(first_map, first),
            view=next((entry.view for entry in entries if entry.view), None),
            order=next((entry.order for entry in entries if entry.order is not None), None),
            description=next((entry.alt for entry in entries if entry.alt), None),
            is_main=next((entry.main for entry in entries if entry.main is not None), None),
            also=tuple(dict.fromkeys(also)),
            all_count=True,
            doubt=doubt,
            rows=tuple(_of_row(first_map, entry) for entry in entries) if of_one_map else (),
        )

    def _of(self, original: Original) -> Iterator[CsvMap]:
        """Yield the maps that hold for a photograph: those that were given, then the nearest."""
        for path in self._given:
            if (csv_map := self._now(self._follow(path))) is not None:
                yield csv_map
        if not self._patterns:
            return
        for folder in (original.path.parent, *original.path.parent.parents):
            if not folder.is_relative_to(original.root):
                break
            for path in self._in(folder):
                if path in self._given:
                    continue
                if (csv_map := self._now(self._follow(path))) is not None:
                    yield csv_map

    def _in(self, folder: Path) -> tuple[Path, ...]:
        """Return the maps that lie in a folder, by name."""
        now = self._monotonic()
        looked_at, paths = self._folders.get(folder, (float("-inf"), ()))
        if now - looked_at < LOOKED_AGAIN:
            return paths
        paths = tuple(sorted(folder / name for name in self._names_in(folder)))
        if len(self._folders) >= MOST_FOLDERS:
            self._folders.clear()
        self._folders[folder] = now, paths
        return paths

    def _names_in(self, folder: Path) -> Iterator[str]:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    name = entry.name.casefold()
                    if (
                        any(fnmatchcase(name, pattern) for pattern in self._patterns)
                        and not is_ignored_name(entry.name)
                        and entry.is_file(follow_symlinks=False)
                    ):
                        yield entry.name
        except OSError:
            return

    def _follow(self, path: Path) -> _Followed:
        followed = self._followed.pop(path, None) or _Followed(path)
        self._followed[path] = followed  # at the end: it was used last
        if len(self._followed) > MOST_MAPS + len(self._given):
            oldest = next(one for one in self._followed if one not in self._given)
            del self._followed[oldest]
        return followed

    def _now(self, followed: _Followed) -> CsvMap | None:
        """Return what a map says by now; what it said before, where it cannot be read."""
        now = self._monotonic()
        if now - followed.looked_at < LOOKED_AGAIN:
            return followed.read
        followed.looked_at = now
        signature = _signature(followed.path)
        if signature is not None and signature != followed.signature:
            try:
                self._read(followed)
            except ConfigError as error:
                followed.signature = signature
                self._say(str(error))
        return followed.read

    def _read(self, followed: _Followed) -> None:
        followed.looked_at = self._monotonic()
        # Before it is read: what is written meanwhile makes it another one.
        signature = _signature(followed.path)
        followed.read = read_map(followed.path)
        followed.signature = signature
        read = followed.read
        if read.bad_rows:
            listed = "; ".join(str(one) for one in read.bad[:MOST_BAD_SHOWN])
            more = f"; and {read.bad_rows - MOST_BAD_SHOWN:,} more"
            rows = "one row" if read.bad_rows == 1 else f"{read.bad_rows:,} rows"
            self._say(
                f"the map {shown(read.path)} has {rows} that cannot be used: "
                f"{listed}{more if read.bad_rows > MOST_BAD_SHOWN else ''}"
            )


def _of_row(csv_map: CsvMap, entry: Entry) -> Said:
    """Return what one row says by itself."""
    return Said(
        rule=Rule.MAP,
        names=entry.names,
        source=f"the map {csv_map.path.name}",
        because=_because(csv_map, entry),
        view=entry.view or None,
        order=entry.order,
        description=entry.alt or None,
        is_main=entry.main,
        all_count=True,
    )


def _because(csv_map: CsvMap, entry: Entry) -> str:
    return f"row {entry.row} of the map {csv_map.path.name} says"


def _fits_as_well(entry: Entry, path: Path, rival: Path) -> bool:
    """Whether an entry fits a file as well as its best rival."""
    own, other = how_it_fits(entry, path), how_it_fits(entry, rival)
    return own is not None and other is not None and own >= other


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
