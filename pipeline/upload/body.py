"""The body of a create call: a picture and what is said of it, as a form, read while it is sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor

__all__ = ["multipart"]

MEDIA_TYPES = {
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".wbmp": "image/vnd.wap.wbmp",
    ".webp": "image/webp",
    ".xbm": "image/x-xbitmap",
}


def multipart(
    file: BinaryIO,
    size: int,
    name: str,
    facts: Mapping[str, str | int | bool],
    handed_over: Callable[[MultipartEncoderMonitor], None],
) -> MultipartEncoderMonitor:
    """Return a body, which can be sent once.

    Args:
        file: the picture, at its beginning.
        size: its bytes.
        name: the file name that the store is told.
        facts: further fields.
        handed_over: is told each time that a piece of it was handed to the network.
    """
    media_type = MEDIA_TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    form = {field: _text(value) for field, value in facts.items()}
    picture = (_text(name), _Picture(file, size), media_type)
    encoder = MultipartEncoder({**form, "image_file": picture})
    return MultipartEncoderMonitor(encoder, handed_over)


class _Picture:
    """The bytes of a picture that are still to be sent, counted.

    Of a plain file the encoder would ask the system how many there are, and where it stands, a
    dozen times for each piece: and whenever a thread asks the system, another one gets its turn.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.len = size

    def read(self, most: int = -1) -> bytes:
        piece = self._file.read(self.len if most < 0 else min(most, self.len))
        # What has become shorter ends here, and its body is not whole: nothing is made of that.
        self.len = self.len - len(piece) if piece else 0
        return piece


def _text(value: str | int | bool) -> str:
    """Write a field as JSON writes truth values.

    A text from a disk may hold bytes that are none; a form takes text alone.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).encode("utf-8", "replace").decode()
