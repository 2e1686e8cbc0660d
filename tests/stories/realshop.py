"""A shop that is not on this machine, as far as the program can tell: behind TLS and a proxy.

The store is the real local one; its name is known to the proxy alone, which ends the TLS of
whoever connects through it and hands on what it hears.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.localstore.process import StoreProcess
from tests.stories.commands import Command

__all__ = ["HOST", "RealShop", "at_real_shop", "real_shop", "real_shops"]

HOST = "shop.example"


@dataclass(frozen=True)
class RealShop:
    """A store that has an address of its own."""

    store: StoreProcess
    url: str
    certificate: Path


@contextmanager
def real_shops(folder: Path, hosts: Sequence[str]) -> Iterator[tuple[dict[str, RealShop], str]]:
    """Yield a store for each host, and the proxy through which all of them are reached."""
    with ExitStack() as stack:
        shops, served = {}, {}
        for host in hosts:
            certificate, context = _certificate(folder, host)
            options = ("--open", "--plan", "unlimited", "--allow-host", host)
            store = stack.enter_context(StoreProcess(folder / f"store-{host}", *options))
            url = f"https://{host}{urlsplit(store.url).path}"
            shops[host] = RealShop(store, url, certificate)
            served[host] = (store, context)
        yield shops, f"http://127.0.0.1:{stack.enter_context(_proxy(served))}"


@contextmanager
def real_shop(folder: Path) -> Iterator[tuple[StoreProcess, dict[str, str]]]:
    """Yield a store, and the environment in which it is a shop with an address of its own."""
    with real_shops(folder, [HOST]) as (shops, proxy):
        shop = shops[HOST]
        yield (
            shop.store,
            {
                "PIPELINE_STORE_URL": shop.url,
                "BIGCOMMERCE_ACCESS_TOKEN": shop.store.token,
                "PIPELINE_CA_FILE": str(shop.certificate),
                "HTTPS_PROXY": proxy,
            },
        )


def _certificate(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    key, certificate = folder / f"{host}-key.pem", folder / f"{host}.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={host} "
        f"-addext subjectAltName=DNS:{host} -keyout {key} -out {certificate}"
    )
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl to make a certificate with")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


def at_real_shop(pipeline: Command, environment: dict[str, str]) -> Command:
    """Return the same command, pointed at that shop."""
    there = Command(pipeline.home)
    there.environment = {**pipeline.environment, **environment}
    return there


@contextmanager
def _proxy(served: Mapping[str, tuple[StoreProcess, ssl.SSLContext]]) -> Iterator[int]:
    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (piece := connection.recv(4096)):
                    return
                asked += piece
            host = asked.decode().split()[1].removesuffix(":443")
            assert asked.startswith(f"CONNECT {host}:443 ".encode())
            if host not in served:
                return
            store, context = served[host]
            parts = urlsplit(store.url)
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
