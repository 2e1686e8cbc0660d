"""Which files are taken of those that lie there: as the command, the settings and folders say.

What is asked first: the patterns of the command, then those in the folders (`.pipelineignore`, the
deeper file first), then the settings'. The first in which a pattern fits decides, as in Git. Where
only some are to be included, a file must be one of them besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.beneath import status_beneath
from pipeline.errors import PhotoRefused
from pipeline.intake.patterns import Patterns, text_of
from pipeline.left_out import By, Cause
from pipeline.originals import open_regular

__all__ = ["IGNORE_FILE", "Choice", "FolderChoice", "NewerThan"]

IGNORE_FILE: Final = ".pipelineignore"

MOST_BYTES: Final = 1 << 20
"""Of a file with patterns: what is larger was not written by anybody."""

_All = tuple["_Layer", ...]


@dataclass(frozen=True, slots=True)
class NewerThan:
    """Files that were written last at this moment, or after it.

    Attributes:
        at: nanoseconds since 1970, as a file's status has them.
        said: the moment in words.
    """

    at: int
    said: str


@dataclass(frozen=True, slots=True)
class _Layer:
    """Patterns of one origin; `skip` signs of a path from the root lie before where they count."""

    patterns: Patterns
    cause: Cause
    skip: int = 0


class Choice:
    """Says what is taken; remembers the patterns that it has read in folders.

    Attributes:
        newer_than: only files that were written since then.
        home: the program's own folder; None where there is none.
        version: another one, once other patterns than before were found in a folder.
    """

    def __init__(
        self,
        *,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        include_setting: Iterable[str] = (),
        exclude_setting: Iterable[str] = (),
        left_out_folders: Iterable[str] = (),
        newer_than: NewerThan | None = None,
        home: Path | None = None,
    ) -> None:
        """Choose by patterns as in `.gitignore`; without any, all that no folder leaves out.

        Args:
            include: by the command, only these; all where there are none.
            exclude: by the command, none of these; also of files that were named.
            include_setting: the same by a setting; of what lies in a folder alone.
            exclude_setting: the same.
            left_out_folders: by a setting, names of folders, in capitals or not.
            newer_than: only files that were written since.
            home: the program's own folder, in which nothing is a photograph to be taken.
        """
        self.newer_than = newer_than
        self.home = home
        self.version = 0
        folders = (name.rstrip("/") + "/" for name in left_out_folders)
        self._command = _layer(exclude, By.EXCLUDE)
        self._settings = (
            *_layer(exclude_setting, By.EXCLUDE_SETTING),
            *_layer(folders, By.FOLDER_SETTING, ignore_case=True),
        )
        self._only_command = _layer(include, By.INCLUDE)
        self._only = (*self._only_command, *_layer(include_setting, By.INCLUDE_SETTING))
        self._read: dict[Path, tuple[tuple[int, ...], _Layer]] = {}

    def at_root(self, root: Path) -> FolderChoice:
        """Return what holds in a folder that was named: `--include` may name it as a whole."""
        included = tuple(
            layer.cause.by is By.INCLUDE and _means(layer, root.name, folder=True)
            for layer in self._only
        )
        layers = self._command + self._settings
        return FolderChoice(self, root, "", layers, included, self._only).with_file()

    def of_named(self, path: Path, *, folder: bool) -> Cause | None:
        """Return what leaves out what was named: only the command itself, which named it, may.

        A file below the current folder is asked with the folders on its way, as it was given.
        """
        if self.home is not None and path.is_relative_to(self.home):
            return Cause(By.HOME)
        if not (self._command or self._only_command):
            return None
        parts: Sequence[str] = (path.name,)
        if not folder and path.is_relative_to(here := Path.cwd()):
            parts = path.relative_to(here).parts
        included = [False] * len(self._only_command)
        for number in range(1, len(parts) + 1):
            way, is_folder = "/".join(parts[:number]), folder or number < len(parts)
            if any(_means(layer, way, folder=is_folder) for layer in self._command):
                return Cause(By.EXCLUDE)
            for place, layer in enumerate(self._only_command):
                meant = layer.patterns.verdict(way, folder=is_folder)
                included[place] = included[place] if meant is None else meant
        return None if folder or all(included) else Cause(By.INCLUDE)

    def of_path(self, path: Path, root: Path, *, folder: bool) -> tuple[Cause, Path] | None:
        """Return what leaves out what lies below a root, and what it leaves out: perhaps a folder.

        Args:
            path: of the file or folder.
            root: the folder that was named.
            folder: whether it is a folder.
        """
        parts = path.relative_to(root).parts
        if not parts:
            return None
        above = self._way(parts[:-1], root)
        if not isinstance(above, FolderChoice):
            return above
        cause = above.cause(parts[-1], folder=folder)
        return None if cause is None else (cause, path)

    def scope_of(self, folder: Path, root: Path) -> FolderChoice | None:
        """Return what holds in a folder below a root; None where it is left out."""
        scope = self._way(folder.relative_to(root).parts, root)
        return scope if isinstance(scope, FolderChoice) else None

    def _way(self, parts: Sequence[str], root: Path) -> FolderChoice | tuple[Cause, Path]:
        scope, way = self.at_root(root), root
        for name in parts:
            way /= name
            cause = scope.cause(name, folder=True)
            if cause is not None:
                return cause, way
            scope = scope.into(name).with_file()
        return scope

    def older(self, modified: int) -> Cause | None:
        """Return what leaves out a file that was written last then; None where nothing does.

        Args:
            modified: nanoseconds since 1970.
        """
        since = self.newer_than
        return Cause(By.OLDER, since=since.said) if since and modified < since.at else None

    def look(self) -> None:
        """Look whether the files with patterns that were read are others by now, or gone."""
        for folder, (before, _) in list(self._read.items()):
            if _stamp(folder, folder) != before:
                del self._read[folder]
                self.version += 1

    def patterns_in(self, folder: Path, root: Path) -> tuple[Patterns, Cause] | None:
        """Return the patterns that lie in a folder; None where none do."""
        stamp = _stamp(folder, root)
        if stamp is None:
            self.version += self._read.pop(folder, None) is not None
            return None
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            known = self._read[folder] = (stamp, _read_in(folder, root))
            self.version += 1
        return known[1].patterns, known[1].cause


class FolderChoice:
    """What holds for the names in one folder."""

    __slots__ = ("_choice", "_included", "_layers", "_of_files", "_only", "_prefix", "_root")

    def __init__(
        self,
        choice: Choice,
        root: Path,
        prefix: str,
        layers: _All,
        included: tuple[bool, ...],
        only: _All,
    ) -> None:
        self._choice = choice
        self._root = root
        self._prefix = prefix
        self._layers = layers
        self._of_files = tuple(layer for layer in layers if not layer.patterns.folders_only)
        self._included = included
        self._only = only

    @property
    def speaks_of_files(self) -> bool:
        """Whether a file may be left out here, and not folders alone: most need not be asked."""
        return bool(self._of_files or self._only)

    def cause(self, name: str, *, folder: bool) -> Cause | None:
        """Return what leaves out a file or folder of that name; None where nothing does."""
        if folder and self._choice.home == self._root / (self._prefix + name):
            return Cause(By.HOME)
        layers = self._layers if folder else self._of_files
        if not (layers or self._only):
            return None
        path = self._prefix + name
        for layer in layers:
            meant = layer.patterns.verdict(path[layer.skip :], folder=folder)
            if meant:
                return layer.cause
            if meant is not None:
                break
        for layer, included in zip(self._only, self._included, strict=True) if not folder else ():
            meant = layer.patterns.verdict(path, folder=False)
            if not (included if meant is None else meant):
                return layer.cause
        return None

    def into(self, name: str) -> FolderChoice:
        """Return what holds in the folder of that name, but for the patterns that lie in it."""
        path = self._prefix + name
        meant = (layer.patterns.verdict(path, folder=True) for layer in self._only)
        included = tuple(
            before if now is None else now
            for before, now in zip(self._included, meant, strict=True)
        )
        return FolderChoice(
            self._choice, self._root, f"{path}/", self._layers, included, self._only
        )

    def with_file(self) -> FolderChoice:
        """Return the same with the patterns that lie in this folder, where some do."""
        folder = self._root / self._prefix
        found = self._choice.patterns_in(folder, self._root)
        if found is None:
            return self
        own = _Layer(*found, skip=len(self._prefix))
        after = sum(layer.cause.by is By.EXCLUDE for layer in self._layers)
        layers = (*self._layers[:after], own, *self._layers[after:])
        return FolderChoice(
            self._choice, self._root, self._prefix, layers, self._included, self._only
        )


def _layer(lines: Iterable[str], by: By, *, ignore_case: bool | None = None) -> _All:
    patterns = Patterns(lines) if ignore_case is None else Patterns(lines, ignore_case=ignore_case)
    return (_Layer(patterns, Cause(by)),) if patterns else ()


def _means(layer: _Layer, path: str, *, folder: bool) -> bool:
    return layer.patterns.verdict(path, folder=folder) is True


def _stamp(folder: Path, root: Path) -> tuple[int, ...] | None:
    """Return what tells whether the patterns of a folder are others; None where there are none."""
    try:
        status = status_beneath(root, folder / IGNORE_FILE)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _read_in(folder: Path, root: Path) -> _Layer:
    """Read the patterns of a folder; where they cannot be read, nothing in it is taken."""
    try:
        with open_regular(folder / IGNORE_FILE, root) as file:
            content = file.read(MOST_BYTES + 1)
    except (PhotoRefused, OSError):
        return _nothing_in(folder)
    if len(content) > MOST_BYTES:
        return _nothing_in(folder)
    return _Layer(Patterns(_lines(content)), Cause(By.IGNORE_FILE, folder))


def _nothing_in(folder: Path) -> _Layer:
    return _Layer(Patterns(["*"]), Cause(By.UNREADABLE, folder))


def _lines(content: bytes) -> Iterator[str]:
    for line in text_of(content).split("\n"):
        yield line.removesuffix("\r")
