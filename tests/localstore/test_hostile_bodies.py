"""Bodies that mean harm: without an end, of gigabytes, malformed, or hardly moving at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.localstore.conftest import Start
from tests.localstore.pictures import picture
from tests.localstore.process import StoreProcess

MEGABYTE = 2**20
BEGIN = (
    b"--edge\r\nContent-Disposition: form-data; name=image_file; filename=a.jpg\r\n"
    b"Content-Type: image/jpeg\r\n\r\n"
)
END = b"\r\n--edge--\r\n"
FORM = "multipart/form-data; boundary=edge"


class Wire:
    """A connection on which anything at all can be said."""

    def __init__(self, store: StoreProcess) -> None:
        parts = urlsplit(store.url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
        self._base, self._token = parts.path, store.token

    def head(
        self, product: int, *headers: str, kind: str = "multipart/form-data; boundary=edge"
    ) -> None:
        lines = (
            f"POST {self._base}/catalog/products/{product}/images HTTP/1.1",
            "Host: 127.0.0.1",
            f"X-Auth-Token: {self._token}",
            f"Content-Type: {kind}",
            *headers,
        )
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def chunk(self, content: bytes) -> None:
        self.socket.sendall(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def status(self) -> int:
        """The status of the answer; 0 where the connection ended without one."""
        answer = b""
        with suppress(OSError):
            while b"\r\n" not in answer and (piece := self.socket.recv(4096)):
                answer += piece
        return int(answer.split()[1]) if answer else 0

    def ended(self) -> bool:
        """Whether the other side closes, within the time-out."""
        try:
            while self.socket.recv(65_536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


@pytest.fixture
def wire(store: StoreProcess) -> Iterator[Wire]:
    wire = Wire(store)
    yield wire
    wire.socket.close()


def pour(wire: Wire, piece: bytes, at_most: int, *, chunked: bool) -> int:
    """Send until the other side has had enough; give how many bytes it took."""
    sent = 0
    with suppress(OSError):
        while sent < at_most:
            if chunked:
                wire.chunk(piece)
            else:
                wire.socket.sendall(piece)
            sent += len(piece)
    return sent


def folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize("where", ["file", "field", "other", "preamble", "header", "json"])
def test_an_endless_chunked_body_fills_neither_memory_nor_disk(
    start: Start, tmp_path: Path, where: str
) -> None:
    store = start("--open", "--plan", "unlimited")
    store.upload(1, picture())
    before, on_disk = store.memory(), folder_size(tmp_path)
    begin = {
        "file": BEGIN,
        "field": b"--edge\r\nContent-Disposition: form-data; name=description\r\n\r\n",
        "other": b"--edge\r\nContent-Disposition: form-data; name=x; filename=a.jpg\r\n\r\n",
        "preamble": b"\r\n",
        "header": b"--edge\r\nContent-Disposition: form-data; name=",
        "json": b'{"image_url": "',
    }[where]
    wire = Wire(store)
    kind = "application/json" if where == "json" else FORM
    wire.head(1, "Transfer-Encoding: chunked", kind=kind)
    wire.chunk(begin)
    piece = b"\r\n" * 32_768 if where == "preamble" else b"a" * 65_536
    sent = pour(wire, piece, 1024 * MEGABYTE, chunked=True)
    wire.socket.close()
    # What it reads after its answer, so that the answer arrives, is thrown away.
    assert sent < 64 * MEGABYTE
    assert store.memory() - before < 24 * MEGABYTE
    assert folder_size(tmp_path) - on_disk < MEGABYTE
    assert len(store.images(1)) == 1


def test_gigabytes_that_are_announced_are_refused_before_they_come(wire: Wire) -> None:
    began = time.monotonic()
    wire.head(2, f"Content-Length: {50 * 1024 * MEGABYTE}")
    assert wire.status() == 413
    assert wire.ended()
    assert time.monotonic() - began < 10


def test_who_waits_to_be_told_to_go_on_is_told_before_sending(wire: Wire) -> None:
    wire.head(2, f"Content-Length: {9 * MEGABYTE}", "Expect: 100-continue")
    assert wire.status() == 413


def test_a_client_that_is_still_sending_gets_its_413(store: StoreProcess, product: int) -> None:
    for size in (2, 5, 12):
        answer = store.upload(product, picture("JPEG").ljust(size * MEGABYTE, b"\0"))
        assert answer.status_code == 413
        assert answer.headers["Connection"] == "close"


def test_a_client_that_sends_all_before_it_listens_is_not_cut_off(wire: Wire) -> None:
    wire.head(2, f"Content-Length: {8 * MEGABYTE}")
    for _ in range(8 * 16):
        wire.socket.sendall(bytes(65_536))
    assert wire.status() == 413


def test_many_small_parts_are_refused(store: StoreProcess, product: int) -> None:
    parts = b"".join(
        b"--edge\r\nContent-Disposition: form-data; name=f%d\r\n\r\n1\r\n" % place
        for place in range(40)
    )
    assert send(store, product, parts + BEGIN + picture() + END) == 422


def send(store: StoreProcess, product: int, body: bytes, boundary: str = "edge") -> int:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    path = f"/catalog/products/{product}/images"
    return store.call("POST", path, data=body, headers=headers).status_code


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (BEGIN + picture() + END, "another"),
        (BEGIN + picture() + END, "e" * 300),
        (BEGIN + picture(), "edge"),
        (BEGIN + picture() + b"\r\n--edge", "edge"),
        (b"--edge--\r\n", "edge"),
        (b"", "edge"),
        (b"\0" * 5000, "edge"),
        (b"--edge\r\n\r\n" + picture() + END, "edge"),
        (b"--edge\r\nno header at all\r\n\r\n" + picture() + END, "edge"),
        (b"--edge\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(50)) + b"\r\n1" + END, "edge"),
        (b"--edge\r\nX: " + b"a" * 9000 + b"\r\n\r\n1" + END, "edge"),
        (BEGIN + picture() + b"\r\n" + BEGIN + picture() + END, "edge"),
        (BEGIN.replace(b"; filename=a.jpg", b"") + picture() + END, "edge"),
        (BEGIN.replace(b"image_file", b"image") + picture() + END, "edge"),
    ],
)
def test_a_malformed_form_is_refused(
    store: StoreProcess, product: int, body: bytes, boundary: str
) -> None:
    assert send(store, product, body, boundary) == 422
    assert store.images(product) == []


def test_a_well_formed_form_by_hand_is_taken(store: StoreProcess, product: int) -> None:
    assert send(store, product, BEGIN + picture() + END) == 200
    assert send(store, product, b"\r\n" + BEGIN + picture() + END + b"an epilogue") == 200


def test_a_body_that_hardly_moves_is_given_up(start: Start) -> None:
    store = start("--open", "--quirk", "body_idle_seconds=0.5")
    wire = Wire(store)
    wire.head(1, "Content-Length: 5000")
    wire.socket.sendall(BEGIN)
    began = time.monotonic()
    assert wire.status() == 408
    assert wire.ended()
    assert time.monotonic() - began < 6
    assert store.images(1) == []
    wire.socket.close()


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    store: StoreProcess, product: int, wire: Wire
) -> None:
    wire.head(product, "Content-Length: 500000")
    wire.socket.sendall(BEGIN + picture())
    wire.socket.close()
    time.sleep(0.2)
    assert store.images(product) == []


@pytest.mark.parametrize(
    "lines",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 200_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz",
        b"\0" * 1000,
    ],
)
def test_what_is_no_http_ends_the_connection_and_nothing_else(
    store: StoreProcess, wire: Wire, lines: bytes
) -> None:
    with suppress(OSError):
        wire.socket.sendall(lines)
        wire.socket.shutdown(socket.SHUT_WR)
    assert wire.ended()
    assert store.control("GET", "_store").status_code == 200
