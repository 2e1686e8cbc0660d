"""XBM for Pillow, black on white: Pillow's own plug-in shows every XBM as its negative.

A set bit is the foreground, drawn black on white (X11's XReadBitmapFile, XCreateBitmapFromData;
ImageMagick, PHP's GD and netpbm agree). Pillow 13 gives white for it, when reading and when
writing. Importing this module puts a plug-in of ours in its place.
"""

from __future__ import annotations

from typing import IO, Any, Final

from PIL import Image, ImageChops, ImageFile, XbmImagePlugin

from pipeline.formats.xbm import HEAD_BYTES, xbm_header

__all__ = ["UprightXbmImageFile", "register_xbm"]

FORMAT: Final = "XBM"
_DECODER: Final = "xbm_black_on_white"
_LEFT_OUT: Final = b" \t\r\n\v\f,"
_INVERTED_LOWEST_FIRST: Final = "1;IR"
"""Pillow's name for one bit a pixel, the lowest first, 1 for black."""


class UprightXbmImageFile(ImageFile.ImageFile):
    """An XBM of X11, opened by Pillow in mode `1`."""

    format = FORMAT
    format_description = "X11 Bitmap"

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - Pillow sets it before it calls
        header = xbm_header(self.fp.read(HEAD_BYTES))
        if header is None or header.old or header.width < 1 or header.height < 1:
            msg = "not an XBM file"
            raise SyntaxError(msg)  # Pillow's way to say that another plug-in may try
        self._mode = "1"
        self._size = header.width, header.height
        self.tile = [ImageFile._Tile(_DECODER, (0, 0, *self._size), header.numbers_at)]


class _Decoder(ImageFile.PyDecoder):
    """Turns the list of numbers into bytes."""

    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        assert self.fd is not None  # noqa: S101 - `_pulls_fd` asks for it
        # At most so many characters as every program writes: five a number, and the line ends.
        wanted = (self.state.xsize + 7) // 8 * self.state.ysize
        text = self.fd.read(16 * wanted + HEAD_BYTES).partition(b"}")[0]
        digits = text.translate(None, _LEFT_OUT).replace(b"0x", b"")
        raw = bytes.fromhex(digits.decode("ascii"))[:wanted]
        if len(raw) < wanted:
            msg = "image file is truncated"
            raise OSError(msg)
        self.set_as_raw(raw, _INVERTED_LOWEST_FIRST)
        return -1, 0


def _accept(prefix: bytes) -> bool:
    return prefix.lstrip().startswith((b"#define", b"/*"))


def _save(image: Image.Image, file: IO[bytes], filename: str | bytes) -> None:
    negative = ImageChops.invert(image) if image.mode == "1" else image
    negative.encoderinfo = image.encoderinfo
    XbmImagePlugin._save(negative, file, filename)


def register_xbm() -> None:
    """Put our plug-in in the place of Pillow's; doing so again changes nothing."""
    # Pillow's has registered itself when it was imported above, and is not imported again.
    Image.register_decoder(_DECODER, _Decoder)
    Image.register_open(FORMAT, UprightXbmImageFile, _accept)
    Image.register_save(FORMAT, _save)


register_xbm()
