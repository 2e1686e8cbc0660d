"""What the end of a file's name says of it: a picture, a raw file, a working file, or no picture.

The content decides what a file is; the name decides whether somebody meant it as a picture.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

__all__ = ["RAW", "Says", "what_suffix_says"]

# fmt: off
RAW: Final = frozenset((
    ".3fr", ".ari", ".arw", ".bay", ".braw", ".cap", ".cr2", ".cr3", ".crw", ".dcr", ".dcs",
    ".dng", ".eip", ".erf", ".fff", ".gpr", ".iiq", ".k25", ".kdc", ".mef", ".mos", ".mrw", ".nef",
    ".nrw", ".orf", ".pef", ".ptx", ".r3d", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw",
    ".x3f",
))
"""Suffixes of the camera makers' raw files, in lower case (source: LibRaw's list of cameras)."""

_PICTURE: Final = frozenset((
    ".avif", ".bmp", ".bpg", ".cur", ".dds", ".dib", ".djvu", ".emf", ".eps", ".exr", ".fits",
    ".gif", ".hdr", ".heic", ".heif", ".hif", ".icns", ".ico", ".j2k", ".jfif", ".jng", ".jp2",
    ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".jxl", ".jxr", ".mng", ".mpo", ".pbm", ".pcx",
    ".pgm", ".png", ".pnm", ".ppm", ".qoi", ".sgi", ".svg", ".tga", ".tif",
    ".tiff", ".wbmp", ".webp", ".wmf", ".xbm", ".xpm",
))

_WORKING: Final = frozenset((
    ".afdesign", ".afphoto", ".ai", ".cdr", ".clip", ".indd", ".kra", ".pdn", ".psb", ".psd",
    ".psdt", ".pxd", ".sai", ".xcf",
))

_NO_PICTURE: Final = frozenset((
    # Texts and notes.
    ".cfg", ".conf", ".css", ".csv", ".eml", ".htm", ".html", ".ics", ".ini", ".js", ".json",
    ".log", ".md", ".md5", ".msg", ".nfo", ".plist", ".rtf", ".sha1", ".sha256", ".srt", ".tab",
    ".toml", ".tsv", ".txt", ".vcf", ".xml", ".yaml", ".yml",
    # Documents.
    ".doc", ".docm", ".docx", ".key", ".numbers", ".odp", ".ods", ".odt", ".pages", ".pdf", ".pps",
    ".ppt", ".pptx", ".xls", ".xlsm", ".xlsx",
    # Films and sounds.
    ".3gp", ".aac", ".aif", ".aiff", ".avi", ".flac", ".flv", ".insv", ".lrv", ".m2ts", ".m4a",
    ".m4v", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogg", ".ogv",
    ".wav", ".webm", ".wma", ".wmv",
    # Archives, programs and links.
    ".7z", ".app", ".bat", ".bz2", ".cmd", ".desktop", ".dmg", ".exe", ".gz", ".iso", ".jar",
    ".lnk", ".msi", ".ps1", ".py", ".rar", ".sh", ".tar", ".tgz", ".torrent", ".url", ".webloc",
    ".xz", ".zip",
    # What cameras and studio programs keep: indexes, adjustments, profiles, databases, fonts.
    ".aae", ".abr", ".acr", ".acv", ".atn", ".bdm", ".bin", ".cof", ".comask", ".cop", ".cos",
    ".costyle", ".cot", ".cpi", ".ctg", ".cube", ".dat", ".db", ".dcp", ".dop", ".icc", ".icm",
    ".lcp", ".lrtemplate", ".lut", ".mrk", ".on1", ".otf", ".pp3", ".sqlite", ".sqlite3", ".thm",
    ".ttf", ".woff", ".woff2", ".xmp",
))
# fmt: on


class Says(Enum):
    """What a file's name says of it."""

    PICTURE = auto()
    RAW = auto()
    WORKING = auto()
    NO_PICTURE = auto()
    NOTHING = auto()


def what_suffix_says(suffix: str) -> Says:
    """Return what a suffix says of a file.

    Args:
        suffix: with its dot, in any case; empty where the name has none.
    """
    for says, suffixes in (
        (Says.PICTURE, _PICTURE),
        (Says.RAW, RAW),
        (Says.WORKING, _WORKING),
        (Says.NO_PICTURE, _NO_PICTURE),
    ):
        if suffix.casefold() in suffixes:
            return says
    return Says.NOTHING
