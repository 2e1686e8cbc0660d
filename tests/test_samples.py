"""The sample pictures are what their README says: looked at by their bytes and with Pillow."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageOps, ImageStat, JpegImagePlugin

from pipeline.intake.name_rules import folder_names, is_likely_sku, leading_names, spelt_id

SAMPLES: Final = Path(__file__).parent.parent / "sample_images"
SHOP, REFUSED = SAMPLES / "shop", SAMPLES / "refused"

BOTTLE: Final = SHOP / "SM-13" / "HLD_0613.JPG"
VASE: Final = SHOP / "by-name" / "id-214_1.JPG"
BOWL: Final = SHOP / "by-name" / "BOWL-24-front.jpg"
TELEPHONE: Final = SHOP / "product-158" / "IMG_20260914_121502.jpg"
PRINT: Final = SHOP / "SM-13" / "for-the-printer.jpg"
READY: Final = SHOP / "by-name" / "SM-13 (2).jpg"
DEEP: Final = SHOP / "product-158" / "mug-48-bit.png"
CUT_OUT: Final = SHOP / "by-name" / "RING-07-cut-out.png"
TURNTABLE: Final = SHOP / "TOY-05" / "turntable.gif"
CAR: Final = SHOP / "TOY-05" / "car.webp"
LEAVES: Final = SHOP / "by-name" / "id-214_2.bmp"
SKETCH: Final = SHOP / "by-name" / "BOWL-24-sketch.xbm"
BILEVEL: Final = SHOP / "product-158" / "mug.wbmp"

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
SHOWN: Final = {
    BOTTLE: (JPEG, "SM-13"),
    VASE: (JPEG, "id-214"),
    BOWL: (JPEG, "BOWL-24"),
    TELEPHONE: (JPEG, "product-158"),
    PRINT: (JPEG, "SM-13"),
    READY: (JPEG, "SM-13"),
    DEEP: (PNG, "product-158"),
    CUT_OUT: (PNG, "RING-07"),
    TURNTABLE: (b"GIF89a", "TOY-05"),
    CAR: (b"RIFF", "TOY-05"),
    LEAVES: (b"BM", "id-214"),
    SKETCH: (b"#define ", "BOWL-24"),
    BILEVEL: (b"\0\0", "product-158"),
}
"""How each picture begins, and the product it shows."""


def each(paths: Iterable[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def exif(path: Path, directory: ExifTags.IFD | None = None) -> dict[int, Any]:
    with Image.open(path) as picture:
        notes = picture.getexif()
        return dict(notes) if directory is None else notes.get_ifd(directory)


def small(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return ImageOps.exif_transpose(picture).convert("RGB").resize((200, 300))


def difference(one: Image.Image, other: Image.Image) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def test_all_samples_together_take_no_more_than_30_megabytes() -> None:
    assert sum(path.stat().st_size for path in files(SAMPLES)) <= 30_000_000


def test_every_sample_stands_in_the_readme_and_nothing_else_does() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `((?:shop|refused)/[^`]+)`", readme, re.MULTILINE))
    there = files(SHOP) | files(REFUSED)
    assert named == {path.relative_to(SAMPLES).as_posix() for path in there}
    assert files(SHOP) == set(SHOWN)


@each(SHOWN)
def test_every_sample_begins_as_its_format_does(path: Path) -> None:
    assert path.read_bytes().startswith(SHOWN[path][0])


@each(SHOWN)
def test_folders_and_names_say_which_product_a_sample_shows(path: Path) -> None:
    names = (*folder_names(path, SHOP), *reversed(leading_names(path)))
    assert next(name for name in names if is_likely_sku(name) or spelt_id(name)) == SHOWN[path][1]


@each(sorted(SHOWN.keys() - {BILEVEL}))
def test_every_sample_but_the_wbmp_decodes_with_pillow_and_shows_something(path: Path) -> None:
    assert max(ImageStat.Stat(small(path)).stddev) > 15


@each([BOTTLE, VASE, BOWL])
def test_three_samples_are_24_megapixels_as_a_camera_writes_them(path: Path) -> None:
    with Image.open(path) as picture:
        assert isinstance(picture, JpegImagePlugin.JpegImageFile)
        assert picture.size == (6000, 4000)
        assert JpegImagePlugin.get_sampling(picture) == 1, "4:2:2"
    assert path.stat().st_size > 4_000_000


@each([BOTTLE, VASE, BOWL, TELEPHONE])
def test_a_camera_notes_what_it_is_and_how_it_was_set(path: Path) -> None:
    main, exposure = exif(path), exif(path, ExifTags.IFD.Exif)
    assert main[ExifTags.Base.Make] in {"Halden Optics", "Tarn"}
    assert main[ExifTags.Base.Model]
    assert exposure[ExifTags.Base.BodySerialNumber]
    assert exposure[ExifTags.Base.DateTimeOriginal].startswith("2026:09:14 ")
    with Image.open(path) as picture:
        assert exposure[ExifTags.Base.ExifImageWidth] == picture.width


@each([BOTTLE, VASE, BOWL, TELEPHONE])
def test_a_camera_hides_a_small_copy_in_its_picture(path: Path) -> None:
    small = exif(path, ExifTags.IFD.IFD1)
    at, length = small[ExifTags.Base.JpegIFOffset], small[ExifTags.Base.JpegIFByteCount]
    whole = path.read_bytes()
    block = whole.index(b"Exif\0\0") + 6
    with (
        Image.open(BytesIO(whole[block + at : block + at + length])) as thumbnail,
        Image.open(path) as picture,
    ):
        assert thumbnail.size == (160, 120)
        copy = ImageOps.pad(picture.convert("RGB"), thumbnail.size)
        assert difference(copy, thumbnail.convert("RGB")) < 8


@pytest.mark.parametrize(("path", "orientation"), [(BOTTLE, 6), (VASE, 8), (BOWL, 1)])
def test_pictures_lie_as_the_camera_was_held(path: Path, orientation: int) -> None:
    assert exif(path)[ExifTags.Base.Orientation] == orientation


def test_the_bottle_stands_on_its_foot_once_it_is_turned() -> None:
    upright, same = small(BOTTLE), small(READY)
    assert difference(upright, same) < difference(ImageOps.flip(upright), same) / 3


def test_the_vase_stands_with_its_dark_leaves_above_its_pale_belly() -> None:
    upright = small(VASE).convert("L")
    leaves, belly = upright.crop((80, 60, 120, 120)), upright.crop((80, 180, 120, 220))
    assert ImageStat.Stat(leaves).mean[0] < ImageStat.Stat(belly).mean[0]


def test_two_samples_say_where_they_were_taken_and_the_others_do_not() -> None:
    jpegs = {path for path, (magic, _) in SHOWN.items() if magic == JPEG}
    placed = {path for path in jpegs if exif(path, ExifTags.IFD.GPSInfo)}
    assert placed == {VASE, TELEPHONE}
    for place in (exif(path, ExifTags.IFD.GPSInfo) for path in placed):
        assert tuple(map(float, place[ExifTags.GPS.GPSLatitude])) == (51, 28, 40.37)


def test_the_bottle_is_in_a_wide_space_and_looks_right_only_through_its_profile() -> None:
    with Image.open(BOTTLE) as lying:
        profile = ImageCms.ImageCmsProfile(BytesIO(lying.info["icc_profile"]))
    wide, same = small(BOTTLE), small(READY)
    assert ImageCms.getProfileDescription(profile).strip() == "Sample wide-gamut RGB"
    srgb = ImageCms.createProfile("sRGB")
    seen = ImageCms.profileToProfile(wide, profile, srgb)
    assert seen is not None
    assert difference(seen, same) < difference(wide, same)
    green = ImageCms.profileToProfile(Image.new("RGB", (1, 1), (0, 200, 0)), srgb, profile)
    assert green is not None
    assert np.asarray(green)[0, 0, 0] > 60, "sRGB's green is a mixture in the wide space"


@each([BOTTLE, VASE, BOWL])
def test_photographs_have_the_grain_that_renders_lack(path: Path) -> None:
    with Image.open(path) as picture:
        patch = np.asarray(picture.convert("RGB").crop((300, 300, 700, 700)), dtype=np.float64)
    steps = np.diff(patch, axis=0)
    assert 0.7 < steps.std() < 8
    assert abs(np.corrcoef(steps[..., 0].ravel(), steps[..., 2].ravel())[0, 1]) < 0.98


def test_one_jpeg_may_go_up_byte_for_byte() -> None:
    assert READY.stat().st_size < 1_000_000
    with Image.open(READY) as picture:
        assert picture.mode == "RGB"
        assert max(picture.size) <= 2048
        assert "icc_profile" not in picture.info
        assert not picture.getexif()


def test_one_jpeg_is_in_the_inks_of_a_printer() -> None:
    with Image.open(PRINT) as picture:
        assert picture.mode == "CMYK"
        assert picture.info["adobe_transform"] in {0, 2}
        assert min(ImageStat.Stat(picture).stddev) > 5, "of black ink, too"
        assert "icc_profile" not in picture.info


def test_one_png_has_16_bits_a_channel_and_uses_them() -> None:
    whole = DEEP.read_bytes()
    width, height, depth, colour = struct.unpack(">2I2B", whole[16:26])
    assert (depth, colour) == (16, 2)
    data = whole[whole.index(b"IDAT") + 4 : whole.index(b"IEND") - 8]
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 6 * width)
    assert set(rows[:, 0]) == {2}, "every row is stored as its difference to the one above"
    plain = np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8)
    values = plain.reshape(height, width, 3, 2).astype(np.uint16)
    assert len(np.unique(values[..., 0] * 256 + values[..., 1])) > 20_000


def test_the_ring_is_cut_out_with_soft_edges() -> None:
    with Image.open(CUT_OUT) as picture:
        assert picture.mode == "RGBA"
        counts = picture.getchannel("A").histogram()
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
    assert min(counts[0], counts[255], sum(counts[1:255])) > 10_000


def test_the_car_goes_once_round_on_its_turntable_for_ever() -> None:
    with Image.open(TURNTABLE) as picture:
        assert picture.info["loop"] == 0
        frames = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            assert picture.info["duration"] == 90
            frames.append(picture.convert("RGB"))
    assert len(frames) == 24
    assert all(difference(one, other) > 1 for one, other in pairwise(frames))


def test_the_webp_and_the_bmp_are_as_long_as_they_say() -> None:
    webp, bmp = CAR.read_bytes(), LEAVES.read_bytes()
    assert webp[8:12] == b"WEBP"
    assert struct.unpack("<I", webp[4:8])[0] + 8 == len(webp)
    assert struct.unpack("<I", bmp[2:6])[0] == len(bmp)
    width, height, _, bits = struct.unpack("<2i2H", bmp[18:30])
    assert bits == 24
    assert len(bmp) == 54 + width * height * 3


def test_the_xbm_is_a_piece_of_c_that_draws_in_black_dots_on_white() -> None:
    with Image.open(SKETCH) as picture:
        assert (picture.format, picture.mode) == ("XBM", "1")
        width, height = picture.size
    text = SKETCH.read_text("ascii")
    assert text.rstrip().endswith("};")
    ones = sum(int(byte, 16).bit_count() for byte in re.findall(r"0x([0-9a-f]{2})", text))
    assert 0.1 < ones / (width * height) < 0.7, "ones are the black dots"


def test_the_wbmp_is_of_type_0_and_as_long_as_its_header_says() -> None:
    whole = BILEVEL.read_bytes()
    assert whole[:2] == b"\0\0"
    assert all(byte & 0x80 for byte in whole[2:6:2]), "both sides need a second byte"
    assert not any(byte & 0x80 for byte in whole[3:6:2]), "and no third one"
    width, height = ((whole[at] & 0x7F) << 7 | whole[at + 1] for at in (2, 4))
    assert len(whole) == 6 + -(-width // 8) * height
    dots = np.unpackbits(np.frombuffer(whole[6:], np.uint8).reshape(height, -1), axis=1)
    assert 0.3 < dots[:, :width].mean() < 0.95, "mostly white, which is 1"


def test_the_tiff_is_a_good_picture_under_a_wrong_name() -> None:
    with Image.open(REFUSED / "a-tiff-called.jpg") as picture:
        assert picture.format == "TIFF"
        picture.load()


def test_the_cut_off_jpeg_begins_well_and_does_not_end() -> None:
    path = REFUSED / "cut-off.jpg"
    whole = path.read_bytes()
    assert whole.startswith(JPEG)
    assert b"\xff\xd9" not in whole[-2:]
    with Image.open(path) as picture, pytest.raises(OSError, match="truncated"):
        picture.load()


def test_the_half_copied_bitmap_lacks_what_its_header_promises() -> None:
    whole = (REFUSED / "half-copied.bmp").read_bytes()
    assert whole.startswith(b"BM")
    assert struct.unpack("<I", whole[2:6])[0] > 1.9 * len(whole)


@pytest.mark.parametrize("name", ["empty.jpg", "a-text-called.png", "a-web-page-called.gif"])
def test_what_is_no_picture_is_none_to_pillow_either(name: str) -> None:
    (REFUSED / name).read_text(encoding="utf-8")
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(REFUSED / name)


def test_the_empty_file_is_empty_and_the_refused_ones_are_small() -> None:
    assert (REFUSED / "empty.jpg").stat().st_size == 0
    assert len(files(REFUSED)) == 6
    assert sum(path.stat().st_size for path in files(REFUSED)) < 500_000
