"""A shop that is not on this machine, as far as the program can tell: behind TLS and a proxy.

The store is the real local one; its name is known to the proxy alone, which ends the TLS of
whoever connects through it and hands on what it hears.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command

__all__ = ["HOST", "at_real_shop", "real_shop"]

HOST = "shop.example"


@contextmanager
def real_shop(folder: Path) -> Iterator[tuple[StoreProcess, dict[str, str]]]:
    """Yield a store, and the environment in which it is a shop with an address of its own."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={HOST} "
        f"-addext subjectAltName=DNS:{HOST} -keyout {key} -out {certificate}"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    options = ("--open", "--plan", "unlimited", "--allow-host", HOST)
    with StoreProcess(folder / "real-store", *options) as store, _proxy(store, context) as port:
        yield (
            store,
            {
                "PIPELINE_STORE_URL": f"https://{HOST}{urlsplit(store.url).path}",
                "BIGCOMMERCE_ACCESS_TOKEN": store.token,
                "PIPELINE_CA_FILE": str(certificate),
                "HTTPS_PROXY": f"http://127.0.0.1:{port}",
            },
        )


def at_real_shop(pipeline: Command, environment: dict[str, str]) -> Command:
    """Return the same command, pointed at that shop."""
    there = Command(pipeline.home)
    there.environment = {**pipeline.environment, **environment}
    return there


@contextmanager
def _proxy(store: StoreProcess, context: ssl.SSLContext) -> Iterator[int]:
    parts = urlsplit(store.url)

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (piece := connection.recv(4096)):
                    return
                asked += piece
            assert asked.startswith(f"CONNECT {HOST}:443 ".encode())
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with (
                context.wrap_socket(connection, server_side=True) as tls,
                socket.create_connection((parts.hostname or "", parts.port or 0)) as there,
            ):
                back = threading.Thread(target=_hand_on, args=(there, tls), daemon=True)
                back.start()
                _hand_on(tls, there)
                back.join()

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
