"""What may be uploaded, under which names, from a file or from an address."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from typing import ClassVar

import pytest

from tests.localstore.conftest import Start
from tests.localstore.pictures import animation, bomb, picture
from tests.localstore.process import StoreProcess

MEGABYTE = 2**20


def padded(size: int) -> bytes:
    """A JPEG of exactly so many bytes: a decoder stops at its end marker."""
    return picture("JPEG").ljust(size, b"\0")


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


def test_the_reference_takes_a_megabyte_and_not_a_byte_more(
    store: StoreProcess, product: int
) -> None:
    assert store.upload(product, padded(MEGABYTE), "a.jpg").status_code == 200
    answer = store.upload(product, padded(MEGABYTE + 1), "a.jpg")
    assert answer.status_code == 413
    assert "image_file" in answer.json()["errors"]
    assert len(store.images(product)) == 1


def test_the_current_profile_takes_eight(start: Start) -> None:
    store = start("--open", "--profile", "current")
    assert store.upload(1, padded(8 * MEGABYTE), "a.jpg").status_code == 200
    assert store.upload(1, padded(8 * MEGABYTE + 1), "a.jpg").status_code == 413


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("product-image.png", "product-image", "png"),
        ("A_b-9.JPG", "A_b-9", "JPG"),
        ("sm 13 (2).jpg", "sm_13__2_", "jpg"),
        ("a.b.c.jpeg", "a_b_c", "jpeg"),
        ("ünï.gif", "_n_", "gif"),
        ("noextension", "noextension", "png"),
        ("../../etc/passwd.png", "passwd", "png"),
        ("C:\\photos\\one.png", "one", "png"),
        (".png", "_png", "png"),
        ("x.weird-ending", "x", "png"),
        ("a" * 150 + ".png", "a" * 150, "png"),
    ],
)
def test_the_stem_survives_but_for_unusual_characters(
    store: StoreProcess, product: int, name: str, stem: str, extension: str
) -> None:
    answer = store.upload(product, picture(), name)
    stored = answer.json()["data"]["image_file"].rpartition("/")[2]
    kept, _, ending = stored.rpartition("__")
    assert (kept, ending[5:]) == (stem, f".{extension}")


class Website(http.server.BaseHTTPRequestHandler):
    """Serves what tests have put into `files`; every path else is 404."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", path.removeprefix("/moved"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/loop"):
            self.send_response(301)
            self.send_header("Location", "/loop")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/file"):
            self.send_response(307)
            self.send_header("Location", "file:///etc/passwd")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/short"):
            self.send_response(200)
            self.send_header("Content-Length", "500")
            self.end_headers()
            self.wfile.write(picture("JPEG")[:100])
            self.close_connection = True
        elif path.startswith("/endless"):
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(bytes(65_536))
            except OSError:
                self.close_connection = True
        elif path in self.files:
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.files[path])))
            self.end_headers()
            self.wfile.write(self.files[path])
        else:
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Website)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def by_url(store: StoreProcess, product: int, url: str, **fields: object) -> int:
    answer = store.call(
        "POST", f"/catalog/products/{product}/images", json={"image_url": url, **fields}
    )
    return answer.status_code


def test_an_image_is_made_of_what_is_behind_an_address(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/shop/front.jpg"] = content = picture("JPEG")
    assert by_url(store, product, f"{website}/moved/shop/front.jpg?x=1", sort_order=5) == 200
    image = store.images(product)[-1]
    assert "/front__" in image["image_file"]
    assert image["sort_order"] == 5
    assert store.control("GET", f"_originals/{image['id']}").content == content


def test_eight_megabytes_may_be_behind_an_address_but_not_more(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/large.jpg"] = padded(8 * MEGABYTE)
    Website.files["/larger.jpg"] = padded(8 * MEGABYTE + 1)
    assert by_url(store, product, f"{website}/large.jpg") == 200
    assert by_url(store, product, f"{website}/larger.jpg") == 413
    assert by_url(store, product, f"{website}/endless") == 413


@pytest.mark.parametrize("path", ["/nothing.jpg", "/loop", "/file", "/short"])
def test_what_cannot_be_fetched_answers_400_without_a_body(
    store: StoreProcess, product: int, website: str, path: str
) -> None:
    assert by_url(store, product, website + path) == 400
    assert store.images(product) == []


def test_an_address_where_nobody_listens_answers_400(store: StoreProcess, product: int) -> None:
    began = time.monotonic()
    assert by_url(store, product, "http://127.0.0.1:9/a.jpg") == 400
    assert time.monotonic() - began < 15


def test_a_text_behind_an_address_is_no_picture(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.files["/text.jpg"] = b"nothing"
    assert by_url(store, product, f"{website}/text.jpg") == 422


def test_an_update_with_an_address_replaces_the_picture_where_a_switch_says_so(
    start: Start, product: int, website: str
) -> None:
    store = start("--open", "--quirk", "put_image_url=replaces")
    image = store.upload(product, picture()).json()["data"]
    Website.files["/other.png"] = content = picture(color="red")
    changed = store.put(product, image["id"], image_url=f"{website}/other.png").json()["data"]
    assert "/other__" in changed["image_file"]
    assert store.control("GET", f"_originals/{image['id']}").content == content


def test_a_picture_comes_from_a_file_or_an_address_never_both(
    store: StoreProcess, product: int, website: str
) -> None:
    Website.asked.clear()
    answer = store.upload(product, picture(), image_url=f"{website}/other.png")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["image_url"])
    assert by_url(store, product, f"{website}/other.png", image_file="a.png") == 422
    assert Website.asked == []
    assert store.images(product) == []


@pytest.mark.parametrize("body", [{}, {"image_url": None}, {"image_url": ""}, {"sort_order": 1}])
def test_json_without_an_address_is_refused_in_the_shops_own_words(
    store: StoreProcess, product: int, body: dict[str, object]
) -> None:
    answer = store.call("POST", f"/catalog/products/{product}/images", json=body)
    assert answer.status_code == 422
    wanted = "image_url must be present if uploading by url"
    assert answer.json()["errors"]["image_url"] == wanted
