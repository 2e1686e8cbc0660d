"""GIF: what contradicts itself is refused, metadata comes out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from pipeline.formats import strip_metadata
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat, Oddity, Profile
from tests.formats.samples import (
    SAMPLES,
    encoded,
    inspect,
    reason,
    srgb_icc,
    stripped,
)

GIF = SAMPLES[ImageFormat.GIF]


@pytest.mark.parametrize(
    "content",
    [
        GIF[:13],
        GIF[:13] + b"\x3b",
        b"GIF89a\0\0\0\0\0\0\0\x3b",
        GIF[:-1] + b"\x01\x02\x3b",
        GIF[:-1] + b",\0\0\0\0\x10\0\x10\0\0\x7f\0\x3b",
        GIF[:-1] + b",\0\0\0\0\x10\0\x10\0\0\x08\0\x3b",
    ],
)
def test_a_gif_that_contradicts_itself_is_refused(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) in (Reason.DAMAGED, Reason.TRUNCATED)


FIRST = 13 + (3 << ((GIF[10] & 7) + 1))
"""Where its first picture begins, behind its colours."""
CONTROL = b"\x21\xf9\x04%c\5\0\3\0"
LOOP = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"


def test_an_animation_with_one_transparent_picture_passes(tmp_path: Path) -> None:
    picture = GIF[FIRST:-1]
    for flags in (0, 1):
        content = GIF[:FIRST] + picture + CONTROL % flags + picture + b";"
        assert inspect(tmp_path, content).frames == 2


def test_a_profile_and_a_program_s_own_notes_are_found(tmp_path: Path) -> None:
    icc = srgb_icc()
    pieces = [icc[at : at + 200] for at in range(0, len(icc), 200)]
    blocks = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    profile = b"\x21\xff\x0bICCRGBG1012" + blocks + b"\0"
    found = inspect(tmp_path, GIF[:FIRST] + profile + GIF[FIRST:])
    assert (found.profile, found.private) == (Profile.SRGB, False)
    assert inspect(tmp_path, GIF[:FIRST] + b"\x21\xff\x0bSOMETHING10\1x\0" + GIF[FIRST:]).private
    assert not inspect(tmp_path, GIF[:FIRST] + LOOP + GIF[FIRST:]).private


def test_only_what_says_how_the_pictures_are_shown_is_kept() -> None:
    kept = GIF[:FIRST] + LOOP + CONTROL % 1 + GIF[FIRST:-1] + CONTROL % 0 + GIF[FIRST:-1] + b";"
    notes = b"\x21\xfe\5hello\0" + b"\x21\xff\x0bXMP DataXMP\1x\0" + b"\x21\xff\0"
    noted = kept[:FIRST] + notes + kept[FIRST:-1] + notes + b";" + b"behind"
    assert stripped(noted, ImageFormat.GIF) == kept


def test_a_zero_between_two_blocks_is_passed_over_but_not_copied(tmp_path: Path) -> None:
    padded = GIF[:FIRST] + b"\0" + GIF[FIRST:]
    assert inspect(tmp_path, padded).frames == 1
    assert strip_metadata(io.BytesIO(padded), ImageFormat.GIF) is None


def test_a_chain_of_blocks_is_walked_across_the_seam_of_two_pieces(tmp_path: Path) -> None:
    for first in (b"\1y", b"\2yy", b"\3yyy"):
        comment = b"\x21\xfe" + first + (b"\xff" + b"x" * 255) * 4100 + b"\0"
        content = GIF[:FIRST] + comment + GIF[FIRST:]
        assert len(content) > 1 << 20
        assert inspect(tmp_path, content).trailing is False
        assert stripped(content, ImageFormat.GIF) == GIF


@pytest.mark.parametrize("frames", [1, 3])
def test_a_gif_that_lacks_only_its_end_mark_gets_one(tmp_path: Path, frames: int) -> None:
    pictures = [Image.new("L", (8, 8), 40 * number) for number in range(frames)]
    times = {"duration": 70} if frames > 1 else {}
    whole = encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], **times)
    assert whole.endswith(b"\0;")
    found = inspect(tmp_path, whole[:-1])
    assert (found.frames, found.private) == (frames, True)
    assert found.oddities == (Oddity.OPEN_ANIMATION if frames > 1 else Oddity.NO_END_MARK,)
    assert stripped(whole[:-1], ImageFormat.GIF) == stripped(whole, ImageFormat.GIF)
    for short in range(2, len(whole)):  # at whatever other place it is cut, it is refused
        cut = whole[:-short]
        if not (cut.endswith(b"\0") and cut in pictures_ends(whole)):
            assert reason(tmp_path, cut) in (Reason.TRUNCATED, Reason.DAMAGED, Reason.NOT_AN_IMAGE)


@pytest.mark.parametrize("options", [{"duration": 70}, {"loop": 0}, {"duration": 70, "loop": 3}])
def test_one_picture_of_an_animation_is_no_whole_picture(
    tmp_path: Path, options: dict[str, int]
) -> None:
    pictures = [Image.new("L", (8, 8), 40 * number) for number in range(3)]
    whole = encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], **options)
    ends = [cut for cut in pictures_ends(whole) if b"\x2c\0\0\0\0\x08\0\x08\0" in cut]
    assert reason(tmp_path, ends[0]) is Reason.TRUNCATED
    assert inspect(tmp_path, ends[-1]).oddities == (Oddity.OPEN_ANIMATION,)


def pictures_ends(whole: bytes) -> list[bytes]:
    """Return the beginnings of a GIF that end right behind one of its pictures."""
    ends = [at + 1 for at in range(len(whole) - 1) if whole[at : at + 2] in (b"\0!", b"\0;")]
    return [whole[:end] for end in ends]
