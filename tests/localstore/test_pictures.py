"""What is taken for a picture, and the renditions that are made of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from pipeline.localstore.pictures import gif_frames, read_wbmp
from tests.localstore.pictures import animation, bomb, picture, rendition
from tests.localstore.process import StoreProcess


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PNG", "WBMP", "XBM", "WEBP"])
def test_each_of_the_seven_types_is_taken_whatever_it_is_called(
    store: StoreProcess, product: int, kind: str
) -> None:
    content = picture(kind)
    answer = store.upload(product, content, "picture.dat")
    assert answer.status_code == 200
    image = answer.json()["data"]
    assert image["image_file"].endswith(".dat")
    assert store.control("GET", f"_originals/{image['id']}").content == content


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tiff.jpg", picture("TIFF")),
        ("icon.png", picture("ICO")),
        ("text.png", b"this is no picture"),
        ("empty.jpg", b""),
        ("page.gif", b"<html></html>"),
        ("vector.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("zeros.bmp", bytes(5000)),
        ("cut.jpg", picture("JPEG", (200, 200))[:600]),
        ("cut.png", picture("PNG", (200, 200))[:200]),
        ("cut.webp", picture("WEBP", (200, 200))[:60]),
        ("cut.wbmp", picture("WBMP", (200, 200))[:60]),
        ("head.gif", b"GIF89a"),
        ("long.gif", animation(151)),
        ("wide.gif", picture("GIF", (5121, 1))),
        ("bomb.png", bomb(20_000)),
    ],
)
def test_what_is_no_whole_picture_of_the_seven_types_is_refused(
    store: StoreProcess, product: int, name: str, content: bytes
) -> None:
    answer = store.upload(product, content, name)
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["image_file"]
    assert store.images(product) == []


def test_a_gif_at_the_edge_of_its_limits_is_taken(store: StoreProcess, product: int) -> None:
    assert store.upload(product, animation(150), "a.gif").status_code == 200
    assert store.upload(product, picture("GIF", (5120, 1)), "b.gif").status_code == 200


@pytest.mark.parametrize("orientation", range(1, 9))
def test_renditions_stand_upright(store: StoreProcess, product: int, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera that nobody needs to know"
    written = io.BytesIO()
    Image.new("RGB", (1000, 500), "red").save(written, format="JPEG", exif=exif)
    image = store.upload(product, written.getvalue(), "a.jpg").json()["data"]
    made = rendition(store, image["url_thumbnail"])
    assert made.size == ((330, 165) if orientation < 5 else (250, 500))
    assert not made.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixel_can_be_shown(store: StoreProcess, product: int, mode: str) -> None:
    source = Image.new("RGBA", (40, 30), (200, 120, 40, 128))
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        changed = Image.new("I;16", (40, 30), 0x8000)
    else:
        changed = source.convert(mode) if mode != "CMYK" else source.convert("RGB").convert(mode)
    written = io.BytesIO()
    changed.save(written, format=kind)
    image = store.upload(product, written.getvalue(), "a.x").json()["data"]
    made = rendition(store, image["url_tiny"])
    assert made.size == (40, 30)
    if mode in ("LA", "RGBA"):
        assert made.convert("RGBA").getchannel("A").getpixel((5, 5)) == 128
    if mode == "I;16":
        assert made.convert("L").getpixel((5, 5)) == 128


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PNG", "WBMP", "XBM", "WEBP"])
def test_each_type_is_shown(store: StoreProcess, product: int, kind: str) -> None:
    image = store.upload(product, picture(kind, (200, 130)), "a.x").json()["data"]
    assert rendition(store, image["url_standard"]).size == (200, 130)


def test_an_animation_is_shown_by_its_first_frame(store: StoreProcess, product: int) -> None:
    image = store.upload(product, animation(12, (30, 20)), "a.gif").json()["data"]
    made = rendition(store, image["url_zoom"])
    assert made.size == (30, 20)
    assert made.convert("L").getpixel((0, 0)) == 0


def test_a_wireless_bitmap_shows_what_it_shows(store: StoreProcess, product: int) -> None:
    rows = bytes([0b10101010, 0b10000000, 0b01010101, 0b00000000])
    image = store.upload(product, bytes([0, 0, 9, 2]) + rows, "a.wbmp").json()["data"]
    made = rendition(store, image["url_zoom"]).convert("L")
    shown = [[made.getpixel((x, y)) for x in range(9)] for y in range(2)]
    assert shown == [[255, 0, 255, 0, 255, 0, 255, 0, 255], [0, 255] * 4 + [0]]


def test_an_x_bitmap_is_shown_with_its_ones_black(store: StoreProcess, product: int) -> None:
    bitmap = b"#define x_width 8\n#define x_height 1\nstatic char x_bits[] = {\n0x0f};\n"
    image = store.upload(product, bitmap, "x.xbm").json()["data"]
    shown = rendition(store, image["url_zoom"]).convert("L")
    assert [shown.getpixel((column, 0)) for column in (0, 3, 4, 7)] == [0, 0, 255, 255]


@pytest.mark.parametrize("frames", [1, 2, 17])
def test_the_frames_of_a_gif_are_counted_by_its_blocks(frames: int) -> None:
    content = animation(frames)
    assert gif_frames(content) == frames
    # What ends early has as many as were begun, and nothing makes it go round for ever.
    for length in range(6, len(content)):
        assert gif_frames(content[:length]) <= frames


def test_a_wireless_bitmap_is_read_whole_or_not_at_all() -> None:
    content = picture("WBMP", (300, 5))
    read = read_wbmp(content)
    assert read is not None
    assert (read.width, read.height, len(read.rows)) == (300, 5, 38 * 5)
    assert read_wbmp(content[:-1]) is None
    assert read_wbmp(content + b"\0\0") is None
    assert read_wbmp(bytes(100)) is None
