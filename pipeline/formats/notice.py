"""Who made a picture and whose it is, as blocks that are put into a file of any format."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.formats.exif import EXIF_MARK

__all__ = ["NO_NOTICE", "Notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The same words twice, for programs read one or the other; both empty where nothing is said.

    Attributes:
        exif: a minimal EXIF block, `EXIF_MARK` first.
        xmp: a minimal XMP packet.
    """

    exif: bytes = b""
    xmp: bytes = b""

    @property
    def tiff(self) -> bytes:
        """The EXIF block as all formats but JPEG have it, without its mark."""
        return self.exif.removeprefix(EXIF_MARK)


NO_NOTICE = Notice()
