"""A server that answers with whatever bytes it is told to, however little HTTP they are."""

from __future__ import annotations

import itertools
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from pipeline.store_address import StoreAddress
from pipeline.upload import Pacer, Session, StoreClient
from tests.servers import quick

__all__ = [
    "RawServer",
    "answering",
    "body",
    "client_of_raw",
    "hurried",
    "raw_server",
    "read_request",
]

TOKEN = "a-secret-token"

hurried = itertools.count(step=1000).__next__
"""A clock by which every pause that a store asks for is over at the next look."""


@dataclass
class RawServer:
    """A listening server.

    Attributes:
        port: on the loopback.
        requests: the head and body of every request that was read whole, in order.
        connections: how many there were.
    """

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/stores/raw/v3"


Behaviour = Callable[[RawServer, socket.socket], None]
"""What happens to one connection; it is closed when this returns."""


@contextmanager
def raw_server(behave: Behaviour, *, receive_buffer: int | None = None) -> Iterator[RawServer]:
    """Serve connections, each in a thread, while the block lasts."""
    with socket.socket() as listening:
        if receive_buffer is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listening.bind(("127.0.0.1", 0))
        listening.listen(50)
        server = RawServer(listening.getsockname()[1])
        ended = threading.Event()
        threads: list[threading.Thread] = []
        open_ones: list[socket.socket] = []

        def serve(connection: socket.socket) -> None:
            # The client may be gone at any moment: that is what many of these tests are about.
            with connection, suppress(OSError):
                connection.settimeout(10)
                behave(server, connection)

        def accept() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                server.connections += 1
                open_ones.append(connection)
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in open_ones:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def read_request(server: RawServer, connection: socket.socket) -> bytes:
    """Read one request whole and note it; give nothing where the client has ended."""
    read = bytearray()
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            return b""
        read += piece
    head, _, _ = bytes(read).partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    wanted = len(head) + 4 + (int(length[1]) if length else 0)
    while len(read) < wanted:
        read += connection.recv(65536)
    server.requests.append(bytes(read))
    return bytes(read)


def answering(*answers: bytes) -> Behaviour:
    """Answer each request of a connection with the next of these, and then end it."""

    def behave(server: RawServer, connection: socket.socket) -> None:
        for answer in answers:
            if not read_request(server, connection):
                return
            connection.sendall(answer)

    return behave


def body(content: bytes | str, status: str = "200 OK", *headers: str) -> bytes:
    """Return a proper answer with that body."""
    raw = content.encode() if isinstance(content, str) else content
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + raw


def client_of_raw(server: RawServer, **seconds: float) -> StoreClient:
    """Return a client that waits but shortly."""
    times = {"connect": 2.0, "read": 1.0, "whole": 1.5, **seconds}
    address = StoreAddress(base_url=server.url, token=TOKEN)
    return StoreClient(Session(address, quick(**times), Pacer(hurried)))
