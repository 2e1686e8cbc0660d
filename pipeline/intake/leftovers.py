"""What other programs leave beside photographs, told by name: files, folders, conflict copies.

Nothing that may be a photograph is told by its name alone: a name that people give, too (a second
view, a folder called `Cache`) counts only with something beside it that proves whose it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import cache
from typing import Final

__all__ = [
    "begins_session",
    "is_conflict_copy",
    "is_ignored_name",
    "is_leftover",
    "is_session_waste",
]


class _AnyOf:
    """Patterns of names, most of which need no regular expression: a scan asks for every file."""

    def __init__(self, patterns: Iterable[str]) -> None:
        every = frozenset(patterns)
        self._whole = frozenset(one for one in every if not re.search(r"[*?[]", one))
        self._ends = tuple(one[1:] for one in every if re.fullmatch(r"\*[^*?[]+", one))
        self._begins = tuple(one[:-1] for one in every if re.fullmatch(r"[^*?[]+\*", one))
        rest = every - self._whole - {f"*{end}" for end in self._ends}
        rest -= {f"{begin}*" for begin in self._begins}
        self._other = re.compile("|".join(map(translate, sorted(rest))))

    def match(self, name: str) -> bool:
        """Whether one of them fits a whole name."""
        return (
            name in self._whole
            or name.endswith(self._ends)
            or name.startswith(self._begins)
            or self._other.match(name) is not None
        )


_IGNORED: Final = _AnyOf(
    (
        ".*",  # hidden files, macOS's ._ companions, rsync's and Syncthing's unfinished copies
        "~$*",
        "*~",
        "*.tmp",
        "*.temp",
        "*.part",
        "*.partial",
        "*.filepart",
        "*.crdownload",
        "*.download",
        "*.opdownload",
        "*.aria2",
        "*.!sync",
        "*.!ut",
        "*.!qb",
        "*.swp",
        "*.lock",
        "*_exiftool_tmp",
        "tmpfile??????",  # gphoto2 writes under this name and renames
        "thumbs.db",
        "*.sb-????????-??????",  # macOS applications write under this name and rename
        "desktop.ini",
        "@eadir",
        "~syncthing~*",
        "__macosx",
        "lost+found",
        "found.[0-9][0-9][0-9]",
        "system volume information",
        "network trash folder",
        "temporary items",
        "thevolumesettingsfolder",
        "@__thumb",
        "_gsdata_",
        # What was deleted or kept from earlier is not what is to be sold.
        "#recycle",
        "#snapshot",
        "@recycle",
        "@recently-snapshot",
        "$recycle.bin",
        "recycler",
        # Lightroom's catalogue, and the folders of previews that it keeps beside it.
        "*.lrcat",
        "*.lrcat-*",
        "*.lrcat.lock",
        "*.lrdata",
    )
)
"""Names, in lower case, of what cameras, network disks and other programs leave about."""

_LEFTOVERS: Final = _AnyOf(
    (
        "*.?*_original",  # exiftool keeps the file from before its change
        "*.bak",
        "*.bak[0-9]",
        "*.orig",
        "*.cosessiondb",
        "*.cosessiondb-*",
        "*.cocatalogdb",
        "*.cocatalogdb-*",
        "icon\r",
        "icon\uf00d",  # the same through a Windows share, which knows no such sign
        "picasa.ini",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "zbthumbnail.info",
        "pspbrwse.jbf",
        # Windows' streams and the notes of network disks, where they have become files.
        "*[:\uf03a]zone.identifier",
        "*[:\uf03a]encryptable",
        "*[:\uf03a]afp_afpinfo",
        "*[:\uf03a]afp_resource",
        "*[:\uf03a]com.dropbox.attr*",
        "*@synoeastream",
        "*@synoresource",
    )
)
"""The same, of files alone: a studio may well name a folder `SM-13.bak`."""

_SESSIONS: Final = (".cosessiondb", ".cocatalogdb", ".lrcat")

_SESSION_WASTE: Final = re.compile(r"trash|cache|settings\d+")

_CONFLICT: Final = re.compile(
    r"""
    \.sync-conflict-\d{8}-\d{6}(?:-[0-9a-z]{7})?(?=\.|$)       # Syncthing
    | \([^()]*\bconflicted\ copy\b[^()]*(?:\(\d+\)[^()]*)?\)   # Dropbox, Nextcloud, ownCloud
    | \bconflicted\ copy\ \d{4}-\d\d-\d\d[^()]*\)
    | \((?=[^()]*\d{4}-\d\d-\d\d)                             # the same in other languages
        (?=[^()]*(?:conflict|konflikt|conflit|конфликт|競合|衝突|冲突|충돌|問題))
        [^()]*(?:\bc[oó]p(?:y|ie|ia)|kop(?:ie|i|ia|ier|io)\b|копи|コピー|副本|複本|사본)[^()]*\)
    | \([^()]*\bconflict\ \d{4}-\d\d-\d\d[^()]*\)               # Sync.com, encrypted drives
    | _conflict-(?:[^/]*-)?\d{8}-\d{6}(?=\.|$)                  # ownCloud
    | \(sfconflict\ [^()]*\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d\)      # Seafile
    | _[a-z]{3}-\d\d-\d{4,6}-\d{4}_conflict(?=\.|$)            # Synology Drive
    | \.conflict(?:\(\d+\))?(?=\.[^.]+$)                        # Resilio Sync
    | \[conflict(?:ed)?(?:\ ?\d+)?\]                            # Google Drive, pCloud
    """,
    re.VERBOSE,
)
"""Names that say it themselves, in lower case (sources: the programs' help pages, and names in
reports about them; Dropbox says it in its user's language)."""

_COMPUTER: Final = re.compile(
    r"-(?P<name>DESKTOP-(?=[A-Z]*\d)[A-Z0-9]{7}|LAPTOP-(?=[A-Z]*\d)[A-Z0-9]{8}"
    r"|WIN-(?=[A-Z]*\d)[A-Z0-9]{11})(?:-\d+)?(?P<end>\.[^.]+)?$"
)
"""OneDrive adds the computer's name; these are the ones that Windows itself makes up."""

_BACKUP: Final = re.compile(r"-[^/]+-safeBackup-\d{4}(?P<end>\.[^.]+)?$")
"""OneDrive's client for Linux keeps what it replaces under such a name."""


def is_ignored_name(name: str) -> bool:
    """Whether a file or folder of that name is nobody's photograph.

    Sources: the naming conventions of macOS, Windows, Synology, QNAP, gphoto2, rsync, Syncthing,
    the browsers and Lightroom, for hidden files, unfinished copies, waste bins and previews.
    """
    return _IGNORED.match(name.casefold())


def is_leftover(name: str, beside: Callable[[str], bool]) -> bool:
    """Whether a file is a copy or a note that a program keeps beside a photograph.

    Args:
        name: the file's.
        beside: whether a file of that name lies in the same folder.
    """
    if _LEFTOVERS.match(name.casefold()):
        return True
    plain = name.removesuffix("_original")
    return plain != name and beside(plain)


def is_conflict_copy(name: str, beside: Callable[[str], bool], computer: str = "") -> bool:
    """Whether a file is what a synchronising program kept when two had changed the same one.

    Where only the computer's name was added (OneDrive), the file itself must lie beside it. A mere
    number (`front 2.jpg`, iCloud's way) says nothing: it may be a second view, and is taken.

    Args:
        name: the file's.
        beside: whether a file of that name lies in the same folder.
        computer: this computer's name, where it is known.
    """
    plain = name.casefold()
    # One of these is in all of them, and in few others.
    may_say_it = "(" in plain or "[" in plain or "conflict" in plain
    if may_say_it and _CONFLICT.search(unicodedata.normalize("NFC", name).casefold()):
        return True
    if "-" not in name:
        return False
    for pattern in (_COMPUTER, _BACKUP, _added_by(computer)):
        one = None if pattern is None else pattern.search(name)
        if one is not None and beside(name[: one.start()] + (one["end"] or "")):
            return True
    return False


@cache
def _added_by(computer: str) -> re.Pattern[str] | None:
    """Return what a computer's name looks like behind a file's; None for a word of people's."""
    if len(computer) <= 3 or not re.search(r"[\d-]", computer):
        return None
    return re.compile(rf"-{re.escape(computer)}(?:-\d+)?(?P<end>\.[^.]+)?$")


def begins_session(name: str) -> bool:
    """Whether a file of that name makes its folder a session of Capture One, or Lightroom's."""
    return name.casefold().endswith(_SESSIONS)


def is_session_waste(name: str) -> bool:
    """Whether a folder of that name in such a session holds no photograph that is meant."""
    return _SESSION_WASTE.fullmatch(name.casefold()) is not None
