"""The pictures that the store makes, the bytes that it keeps, and the page that shows them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.localstore.conftest import Start
from tests.localstore.pictures import animation, opened, picture
from tests.localstore.process import StoreProcess

BOXES = {
    "url_zoom": (1280, 1280),
    "url_standard": (560, 850),
    "url_thumbnail": (330, 500),
    "url_tiny": (66, 100),
}


def rendition(store: StoreProcess, url: str) -> Image.Image:
    # As a browser would: no token, no Accept.
    answer = store.control("GET", url.removeprefix(store.page))
    assert answer.status_code == 200
    image = opened(answer.content)
    assert answer.headers["Content-Type"] == f"image/{(image.format or '').lower()}"
    return image


@pytest.mark.parametrize("size", [(1600, 900), (400, 2000), (300, 200), (1, 1), (3000, 2)])
def test_renditions_are_fitted_into_their_boxes_and_never_enlarged(
    store: StoreProcess, product: int, size: tuple[int, int]
) -> None:
    image = store.upload(product, picture("PNG", size)).json()["data"]
    for field, (width, height) in BOXES.items():
        made = rendition(store, image[field])
        scale = min(1, width / size[0], height / size[1])
        assert made.width <= width
        assert made.height <= height
        assert abs(made.width - size[0] * scale) <= 1
        assert abs(made.height - max(1, size[1] * scale)) <= 1


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


def test_a_name_that_is_not_this_images_shows_nothing(store: StoreProcess, product: int) -> None:
    image = store.upload(product, picture()).json()["data"]
    path = image["url_zoom"].removeprefix(store.page).partition("?")[0]
    for wrong in (
        path.replace("1280.1280", "1281.1280"),
        path.replace(f"/{product}/", f"/{product + 1}/"),
        f"{path.rpartition('/')[0]}/..%2F..%2Fstore.sqlite3",
    ):
        assert store.control("GET", wrong).status_code == 404


def test_the_page_shows_products_pictures_and_counts(start: Start) -> None:
    store = start("--open")
    store.call("GET", "/catalog/products?sku=only-asked-for")
    for _ in range(2):
        store.upload(158, picture("PNG", (300, 200)), "front.png")
    page = store.control("GET", "")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Product 158" in page.text
    assert "only-asked-for" not in page.text
    assert page.text.count('loading="lazy"') == 2
    assert page.text.count('class="badge"') == 1
    assert "front__" in page.text
    assert "300 × 200 PNG" in page.text
    assert f"{len(picture('PNG', (300, 200)))} bytes" in page.text
    assert "http://" not in page.text.replace(store.page, "")


def test_the_page_takes_names_for_what_they_are(start: Start) -> None:
    store = start("--open")
    evil = "<script>alert(1)</script>"
    [made] = store.call("GET", "/catalog/products", params={"sku": evil}).json()["data"]
    store.upload(made["id"], picture(), description='"><b>')
    page = store.control("GET", "")
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "<b>" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_the_page_goes_on_to_further_products_and_images(start: Start) -> None:
    store = start("--open", "--plan", "unlimited")
    for product in range(1, 22):
        store.upload(product, picture("GIF", (1, 1)), "a.gif")
    for _ in range(14):
        store.upload(7, picture("GIF", (1, 1)), "a.gif")
    first, second = store.control("GET", "").text, store.control("GET", "?page=2").text
    assert "Product 20<" in first
    assert "Product 21<" not in first
    assert "Product 21<" in second
    assert "All 15 images" in first
    assert store.control("GET", "?product=7").text.count("<img") == 15
    assert store.control("GET", "?page=99").status_code == 200
    assert store.control("GET", "?product=99").status_code == 404
    assert store.control("GET", "?page=x").status_code == 422


def test_an_empty_store_has_a_page(start: Start) -> None:
    assert "no products with pictures yet" in start().control("GET", "").text
