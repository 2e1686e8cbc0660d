"""A connection to the store on which anything at all can be said."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

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
