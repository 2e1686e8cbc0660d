"""PNGs that browsers show whole are taken, whatever is odd beside their picture."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat, Profile
from tests.formats.samples import SAMPLES, chunk, reason, srgb_icc
from tests.prepare.rendering import rendered

PNG = SAMPLES[ImageFormat.PNG]
HEAD, TAIL = PNG[:33], PNG[33:]
LONG = b"<x>" + b"harmless " * 500_000
PACKED = zlib.compress(LONG)
ICC = srgb_icc()


def with_wrong_sum(kind: bytes, content: bytes) -> bytes:
    whole = chunk(kind, content)
    return whole[:-1] + bytes([whole[-1] ^ 0x55])


LARGE = {
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + PACKED),
    "iTXt": chunk(b"iTXt", b"Comment\0\1\0\0\0" + PACKED),
    "XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + PACKED),
    "plain XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LONG),
    "tEXt": chunk(b"tEXt", b"Comment\0" + LONG),
    "many": chunk(b"zTXt", b"Comment\0\0" + PACKED) * 40,
    "profile": chunk(b"iCCP", b"x\0\0" + zlib.compress(ICC + bytes(2_000_000))),
    "profile of another packing": chunk(b"iCCP", b"x\0\7" + zlib.compress(ICC)),
    "profile without a name": chunk(b"iCCP", b"x"),
    "text of another packing": chunk(b"zTXt", b"Comment\0\7" + PACKED),
    "short gamma": chunk(b"gAMA", b"\0"),
    "short primaries": chunk(b"cHRM", b"\0" * 9),
    "short density": chunk(b"pHYs", b"\0"),
    "no intent": chunk(b"sRGB", b""),
}
KINDS = (b"tEXt", b"zTXt", b"iTXt", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"eXIf", b"tIME", b"iCCP",
         b"prVt")  # fmt: skip


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("name", LARGE)
def test_notes_of_any_size_or_shape_cost_no_picture(
    tmp_path: Path, name: str, behind: bool
) -> None:
    extra = LARGE[name]
    content = PNG[:-12] + extra + PNG[-12:] if behind else HEAD + extra + TAIL
    path = tmp_path / "a.png"
    path.write_bytes(content)
    result = rendered(path, longest_side=4096)
    plain = tmp_path / "plain.png"
    plain.write_bytes(PNG)
    wanted = np.asarray(rendered(plain).image.convert("RGB"))
    assert (np.asarray(result.image.convert("RGB")) == wanted).all()
    # Decoders elsewhere refuse a picture for notes or a profile of more than a megabyte.
    assert b"iCCP" not in result.content
    assert not result.picture.passthrough


@pytest.mark.parametrize("behind", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_check_sum_beside_the_picture_is_left_out(
    tmp_path: Path, kind: bytes, behind: bool
) -> None:
    extra = with_wrong_sum(kind, b"Comment\0\0\0\0\0some" * 3)
    content = PNG[:-12] + extra + PNG[-12:] if behind else HEAD + extra + TAIL
    path = tmp_path / "a.png"
    path.write_bytes(content)
    result = rendered(path)
    assert result.picture.work[0] == "damaged or very long notes beside the picture left out"
    assert not result.picture.passthrough
    assert kind not in result.content
    assert result.inspection.profile is (Profile.BROKEN if kind == b"iCCP" else Profile.UNTAGGED)


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT", b"tRNS", b"IEND"])
def test_a_wrong_check_sum_of_the_picture_is_damage(tmp_path: Path, kind: bytes) -> None:
    whole = HEAD + chunk(b"tRNS", struct.pack(">3H", 1, 2, 3)) + TAIL
    at = whole.index(kind)
    end = at + 4 + int.from_bytes(whole[at - 4 : at], "big")
    content = whole[:end] + bytes([whole[end] ^ 1]) + whole[end + 1 :]
    assert reason(tmp_path, content) is Reason.DAMAGED


@pytest.mark.parametrize("kind", [b"tRNS", b"IDAT"])
def test_a_needed_part_whose_kind_was_changed_is_damage(tmp_path: Path, kind: bytes) -> None:
    whole = HEAD + chunk(b"tRNS", struct.pack(">3H", 1, 2, 3)) + TAIL
    at = whole.index(kind)
    content = whole[:at] + bytes([(whole[at] | 0x20) ^ 1]) + whole[at + 1 :]
    assert reason(tmp_path, content) is Reason.DAMAGED
