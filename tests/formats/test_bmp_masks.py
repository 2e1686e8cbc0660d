"""BMPs whose colours lie under any bit masks are decoded as browsers show them."""

from __future__ import annotations

import io
import random
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from pipeline.formats import as_decoded
from pipeline.formats.bmp_masks import Masks
from pipeline.lifecycle import Reason
from pipeline.values import ImageFormat, Oddity
from tests.formats.samples import inspect, reason
from tests.prepare.rendering import rendered

SAID = "its colours were stored in an unusual way"


def any_masks(dice: random.Random, depth: int, *, alpha: bool) -> Masks:
    """Cut a pixel into three or four colours of any widths, with gaps, in any order."""
    colours = 4 if alpha else 3
    cuts = sorted(dice.sample(range(depth + 1), colours * 2))
    masks = [(1 << high) - (1 << low) for low, high in zip(cuts[::2], cuts[1::2], strict=True)]
    dice.shuffle(masks)
    red, green, blue, *rest = masks
    return Masks(depth=depth, red=red, green=green, blue=blue, alpha=rest[0] if rest else 0)


def bmp(masks: Masks, rows: list[list[int]], *, header_bytes: int, top_down: bool = False) -> bytes:
    """Write a BMP with any masks, and a header of any version."""
    width, height = len(rows[0]), len(rows)
    head = struct.pack(
        "<IiiHHIIIIII", header_bytes, width, -height if top_down else height, 1, masks.depth, 3,
        0, 0, 0, 0, 0,
    ) + struct.pack("<4I", masks.red, masks.green, masks.blue, masks.alpha)  # fmt: skip
    head = head[:52] if header_bytes == 40 else head[:header_bytes].ljust(header_bytes, b"\0")
    sign = "H" if masks.depth == 16 else "I"
    padding = b"\xaa" * (width * masks.depth // 8 % 4)
    lines = rows if top_down else rows[::-1]
    body = b"".join(struct.pack(f"<{width}{sign}", *row) + padding for row in lines)
    offset = 14 + len(head)
    return b"BM" + struct.pack("<III", offset + len(body), 0, offset) + head + body


def shown(masks: Masks, pixel: int) -> tuple[int, ...]:
    """What a pixel shows, by whole numbers alone."""
    found = []
    for mask in (masks.red, masks.green, masks.blue, masks.alpha):
        bits = mask.bit_count()
        value = (pixel & mask) // (mask & -mask) if mask else 0
        if bits > 8:
            found.append(value >> bits - 8)
        else:
            found.append(int(value * 255 / ((1 << bits) - 1) + 0.5) if bits else 0)
    return tuple(found if masks.alpha else found[:3])


HEADERS = {False: (40, 52, 56, 108, 124), True: (56, 108, 124)}


def assert_shown(folder: Path, content: bytes, masks: Masks, rows: list[list[int]]) -> None:
    path = folder / "a.bmp"
    path.write_bytes(content)
    result = rendered(path)
    assert (SAID in result.picture.work) is masks.unusual
    assert result.picture.format is ImageFormat.PNG
    image = result.image.convert("RGBA" if masks.alpha else "RGB")
    wanted = [shown(masks, pixel) for row in rows for pixel in row]
    got = [image.getpixel((x, y)) for y in range(len(rows)) for x in range(len(rows[0]))]
    for one, other in zip(got, wanted, strict=True):
        assert isinstance(one, tuple)
        # Pillow rounds down what it reads itself; what is all clear has no colour.
        if masks.unusual and (not masks.alpha or other[3]):
            assert one == other


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("depth", [16, 32])
@pytest.mark.parametrize("seed", range(6))
def test_colours_under_any_masks_are_as_browsers_show_them(
    tmp_path: Path, seed: int, depth: int, alpha: bool
) -> None:
    dice = random.Random(f"{seed} {depth} {alpha}")
    masks = any_masks(dice, depth, alpha=alpha)
    width, height = dice.randint(1, 9), dice.randint(1, 7)
    most = (1 << depth) - 1
    rows = [
        [dice.choice((0, most, dice.randint(0, most))) for _ in range(width)] for _ in range(height)
    ]
    rows[0][0] = most  # some alpha is there
    content = bmp(
        masks, rows, header_bytes=dice.choice(HEADERS[alpha]), top_down=dice.random() < 0.5
    )
    assert_shown(tmp_path, content, masks, rows)
    found = inspect(tmp_path, content, name="a.bmp")
    assert found.oddities == (Oddity.BIT_MASKS,)
    assert found.bit_depth == max(m.bit_count() for m in (masks.red, masks.green, masks.blue))
    for lost in (1, 3, len(content) // 3):
        assert reason(tmp_path, content[:-lost]) is Reason.TRUNCATED


KNOWN = [
    Masks(depth=16, red=0xF00, green=0xF0, blue=0xF, alpha=0xF000),
    Masks(depth=16, red=0x7C00, green=0x3E0, blue=0x1F, alpha=0x8000),
    Masks(depth=16, red=0x1F, green=0x7E0, blue=0xF800, alpha=0),
    Masks(depth=16, red=0xE0, green=0x1C, blue=0x3, alpha=0),
    Masks(depth=32, red=0x3FF00000, green=0xFFC00, blue=0x3FF, alpha=0xC0000000),
    Masks(depth=32, red=0xFF, green=0xFF00, blue=0xFF0000, alpha=0),
    Masks(depth=32, red=0xFF00, green=0xFF0000, blue=0xFF000000, alpha=0xFF),
    Masks(depth=32, red=0x7C00, green=0x3E0, blue=0x1F, alpha=0),
    Masks(depth=32, red=0xFFF00000, green=0xFFC00, blue=0x3FF, alpha=0),
    Masks(depth=32, red=0xFF, green=0, blue=0, alpha=0),
]


@pytest.mark.parametrize("masks", KNOWN)
def test_layouts_that_programs_write_are_read(tmp_path: Path, masks: Masks) -> None:
    dice = random.Random(masks.red)
    most = (1 << masks.depth) - 1
    rows = [[dice.randint(0, most) for _ in range(7)] for _ in range(5)]
    for header_bytes in HEADERS[bool(masks.alpha)]:
        assert_shown(tmp_path, bmp(masks, rows, header_bytes=header_bytes), masks, rows)


@pytest.mark.parametrize("depth", [16, 32])
@pytest.mark.parametrize("width", [1, 1000, 70_000])
def test_rows_of_any_length_and_number_are_read_in_blocks(depth: int, width: int) -> None:
    masks = Masks(depth=depth, red=0x1F, green=0x3E0, blue=0x7C00, alpha=0)
    height = min(2000, max(2, 300_000 // width))
    rows = [[(x * 7 + y * 131) & 0x7FFF for x in range(width)] for y in range(height)]
    content = bmp(masks, rows, header_bytes=108)
    dice = random.Random(width)
    with Image.open(as_decoded(io.BytesIO(content), ImageFormat.BMP)) as image:
        for _ in range(300):
            x, y = dice.randrange(width), dice.randrange(height)
            assert image.getpixel((x, y)) == shown(masks, rows[y][x])


@pytest.mark.parametrize(
    "wrong",
    [
        {"red": 0x5, "green": 0x60, "blue": 0x700},
        {"red": 0xFF, "green": 0xFF0, "blue": 0xF000},
        {"alpha": 0xF0},
        {"red": 0, "green": 0, "blue": 0, "alpha": 0xFF},
    ],
)
@pytest.mark.parametrize("depth", [16, 32])
def test_masks_that_make_no_sense_are_damage(
    tmp_path: Path, depth: int, wrong: dict[str, int]
) -> None:
    masks = replace(Masks(depth=depth, red=0xF00, green=0xF0, blue=0xF, alpha=0), **wrong)
    content = bmp(masks, [[1, 2], [3, 4]], header_bytes=124)
    assert reason(tmp_path, content) is Reason.DAMAGED


@pytest.mark.parametrize("alpha", [0xFF000000, 0xF0000000, 0x80000000])
def test_alpha_that_is_nowhere_is_none_and_alpha_that_is_somewhere_counts(
    tmp_path: Path, alpha: int
) -> None:
    masks = Masks(depth=32, red=0xFF0000, green=0xFF00, blue=0xFF, alpha=alpha)
    path = tmp_path / "a.bmp"
    path.write_bytes(bmp(masks, [[0x102030, 0x405060]], header_bytes=124))
    plain = rendered(path).image
    assert plain.convert("RGBA").getpixel((0, 0)) == (0x10, 0x20, 0x30, 255)
    path.write_bytes(bmp(masks, [[0x102030, 0x405060 | alpha]], header_bytes=124))
    both = rendered(path).image.convert("RGBA")
    assert both.getpixel((1, 0)) == (0x40, 0x50, 0x60, 255)
    assert both.getchannel("A").getpixel((0, 0)) == 0


def test_masks_of_a_short_header_stand_before_the_pixels(tmp_path: Path) -> None:
    masks = Masks(depth=16, red=0xF00, green=0xF0, blue=0xF, alpha=0)
    content = bytearray(bmp(masks, [[0xFED, 0x123]], header_bytes=40))
    content[10:14] = bytes(4)  # not said
    assert_shown(tmp_path, bytes(content), masks, [[0xFED, 0x123]])
    content[10] = 54
    assert reason(tmp_path, bytes(content)) is Reason.DAMAGED
