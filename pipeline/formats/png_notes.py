"""Gathers what a PNG says beside its picture: text, EXIF, colour space (PNG, section 11.3)."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from typing import Final

from pipeline.formats.structure import Notes
from pipeline.values import Profile

__all__ = ["PngNotes"]

_MOST_UNPACKED: Final = 16 << 20
"""Bytes to which a compressed note is unpacked; a note of more is counted as unreadable."""

_HARMLESS: Final = frozenset(
    b"cHRM gAMA sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT tIME oFFs pCAL sCAL gIFg "
    b"gIFx sTER vpAg caNv orNT iDOT".split()
)
"""Chunks that name nobody and no place; what else a program adds may (Fireworks: the source)."""

_PRIVATE_KEY: Final = re.compile(
    rb"gps|location|latitude|longitude|serial|owner|maker|thumb|raw profile|uri|path|exif",
    re.IGNORECASE,
)

_SRGB_GAMMA: Final = 45455
_SRGB_POINTS: Final = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""Gamma and chromaticities of sRGB, times 100,000 (11.3.2.1 and 11.3.2.2)."""
_GAMMA_SLACK: Final = 2500
_POINT_SLACK: Final = 1000
"""Differences that nobody sees: programs round these numbers in their own ways."""


@dataclass(slots=True)
class PngNotes:
    """The notes of one PNG, gathered chunk by chunk."""

    exif: list[bytes] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    icc: bytes | None = None
    srgb: bool = False
    code: int | None = None
    gamma: int = _SRGB_GAMMA
    points: tuple[int, ...] = _SRGB_POINTS
    private: bool = False

    def read(self, kind: bytes, content: bytes) -> None:
        """Take in an ancillary chunk; one that cannot be read counts as private."""
        if kind == b"eXIf":
            self.exif.append(content.removeprefix(b"Exif\0\0"))
        elif kind == b"iCCP":
            _, _, packed = content.partition(b"\0")
            self.icc = _unpacked(packed[1:]) or b""
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
            self._read_text(kind, content)
        elif kind == b"sRGB":
            self.srgb = True
        elif kind == b"cICP" and content:
            self.code = content[0]
        elif kind == b"gAMA" and len(content) == 4:
            self.gamma = int.from_bytes(content, "big")
        elif kind == b"cHRM" and len(content) == 32:
            self.points = tuple(
                int.from_bytes(content[start : start + 4], "big") for start in range(0, 32, 4)
            )
        elif kind not in _HARMLESS:
            self.private = True

    def gathered(self) -> Notes:
        """Give the notes in the shape of all formats."""
        return Notes(
            exif=tuple(self.exif),
            xmp=tuple(self.xmp),
            icc=self.icc,
            colours=self._colours(),
            private=self.private,
        )

    def _colours(self) -> Profile | None:
        """Tell the colour space by the chunks, in the order in which they count (4.3)."""
        if self.code is not None:
            # Rec. ITU-T H.273: 1 are the primaries of BT.709 and sRGB, 2 says nothing.
            return {1: Profile.SRGB, 2: None}.get(self.code, Profile.OTHER)
        if self.icc is not None:
            return None
        if self.srgb:
            return Profile.SRGB
        near = abs(self.gamma - _SRGB_GAMMA) <= _GAMMA_SLACK and all(
            abs(told - known) <= _POINT_SLACK
            for told, known in zip(self.points, _SRGB_POINTS, strict=True)
        )
        return None if near else Profile.OTHER

    def _read_text(self, kind: bytes, content: bytes) -> None:
        key, _, rest = content.partition(b"\0")
        if key != b"XML:com.adobe.xmp":
            self.private |= _PRIVATE_KEY.search(key) is not None
            return
        if kind != b"iTXt":
            self.xmp.append(rest)
            return
        packet = rest[2:].split(b"\0", 2)[-1]
        if rest[:1] == b"\1":
            unpacked = _unpacked(packet)
            self.private |= unpacked is None
            packet = unpacked or b""
        self.xmp.append(packet)


def _unpacked(packed: bytes) -> bytes | None:
    """Unpack a zlib stream, None where it is broken, cut or too large."""
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(packed, _MOST_UNPACKED)
    except zlib.error:
        return None
    return content if unpacker.eof else None
