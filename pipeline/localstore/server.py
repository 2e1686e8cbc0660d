"""The running store: its data folder, its listening socket, its beginning and its end."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Final

import anyio
import uvicorn
from starlette.routing import Router
from starlette.types import ASGIApp

from pipeline.localstore.admin import AdminRoutes
from pipeline.localstore.api.images import ImageRoutes
from pipeline.localstore.api.products import ProductRoutes
from pipeline.localstore.connection import Connection
from pipeline.localstore.context import FETCHERS, PICTURE_WORKERS, StoreContext, new_store_hash
from pipeline.localstore.faults.middleware import FaultInjection
from pipeline.localstore.faults.rules import ActiveRules
from pipeline.localstore.hosts import HostAllowance
from pipeline.localstore.instance import InstanceNote, checked_token, kept_token, locked
from pipeline.localstore.keepalive import KeepAlive
from pipeline.localstore.middleware import (
    AccessControl,
    ConcurrencyLimit,
    LingeringClose,
    RequestLogging,
)
from pipeline.localstore.options import PLANS, PROFILES, LocalStoreError, RunningStore, StoreOptions
from pipeline.localstore.page import PageRoutes
from pipeline.localstore.quirks import parse_quirks
from pipeline.localstore.rate_limit import RateLimit
from pipeline.localstore.request_log import RequestLog
from pipeline.localstore.storage.database import Database
from pipeline.localstore.storage.files import PictureFiles
from pipeline.localstore.storage.images import Images
from pipeline.localstore.storage.products import Products, read_catalogue

__all__ = ["run"]

MOST_CONNECTIONS: Final = 256
"""Each may hold a whole upload in memory."""


class _Server(uvicorn.Server):
    """uvicorn, which says when it answers, and ends in peace."""

    def __init__(self, config: uvicorn.Config, *, ignores_interrupt: bool) -> None:
        super().__init__(config)
        self._ignores_interrupt = ignores_interrupt
        self.on_answering: Callable[[], None] = lambda: None
        self.on_ending: Callable[[], None] = lambda: None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.on_answering()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.on_ending()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A terminal's Ctrl-C reaches every process of its group; the run that uses this store
        # still needs it to come to an end.
        if sig == signal.SIGINT and self._ignores_interrupt:
            return
        # Not noted down as uvicorn would, which raises the signal once more afterwards.
        self.should_exit = True


def run(options: StoreOptions, announce: Callable[[RunningStore], None]) -> None:
    """Run the store until it is told to stop.

    Args:
        options: what to serve, and how.
        announce: called once, when the store answers.

    Raises:
        LocalStoreError: it cannot be started.
    """
    if options.plan not in PLANS:
        raise LocalStoreError(f"no plan is called {options.plan!r}: it is {' or '.join(PLANS)}")
    if options.profile not in PROFILES:
        raise LocalStoreError(
            f"no profile is called {options.profile!r}: it is {' or '.join(PROFILES)}"
        )
    # A malformed form is the client's mistake, and the client is told.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    with ExitStack() as stack:
        try:
            note = None if options.scratch else stack.enter_context(locked(options.data))
            context = stack.enter_context(_context(options))
            token = (
                checked_token(options.token, "the options")
                if options.token is not None
                else kept_token(options.data, keep=not options.scratch)
            )
        except OSError as error:
            raise LocalStoreError(f"the data folder {options.data}: {error}") from error
        if options.read_only_token is not None:
            checked_token(options.read_only_token, "the options")
        listening = stack.enter_context(_listening(options.host, options.port))
        _serve(options, context, token, listening, note, announce)


def _serve(
    options: StoreOptions,
    context: StoreContext,
    token: str,
    listening: socket.socket,
    note: InstanceNote | None,
    announce: Callable[[RunningStore], None],
) -> None:
    def end() -> None:
        server.should_exit = True

    keepalive = KeepAlive(end, ends_alone=options.keep_alive)
    config = uvicorn.Config(
        _application(options, context, keepalive, token),
        http=Connection,
        ws="none",
        lifespan="off",
        # `AccessControl` says what goes wrong in here; what uvicorn adds is of clients who leave.
        log_level="critical",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, ignores_interrupt=options.keep_alive)
    store = _running_store(options.host, listening, context.hash, token)

    def answering() -> None:
        if note is not None:
            note.answers(store)
        keepalive.begin()
        announce(store)

    def ending() -> None:
        keepalive.close()
        if note is not None:
            with suppress(OSError):
                note.answers_no_more()

    server.on_answering = answering
    server.on_ending = ending
    server.run(sockets=[listening])


@contextmanager
def _context(options: StoreOptions) -> Iterator[StoreContext]:
    quirks = parse_quirks(options.quirks)
    limits = PROFILES[options.profile]
    rows = read_catalogue(options.catalogue) if options.catalogue is not None else None
    with ExitStack() as stack:
        if options.scratch:
            database = Database.copied(options.data)
            folder = stack.enter_context(
                TemporaryDirectory(prefix="local-store-", ignore_cleanup_errors=True)
            )
            files = PictureFiles(Path(folder), options.data)
        else:
            database = Database.opened(options.data)
            files = PictureFiles(options.data)
        stack.callback(database.close)
        products = Products(database, is_open=options.open_catalogue)
        if rows is not None:
            products.load(rows)
        images = Images(database, limits, quirks)
        if not options.scratch:
            files.sweep(images.pictures())
        yield StoreContext(
            hash=database.fact("hash", new_store_hash()),
            database=database,
            products=products,
            images=images,
            files=files,
            limits=limits,
            quirks=quirks,
            rate_limit=RateLimit(PLANS[options.plan], quirks.seconds("window_seconds")),
            request_log=RequestLog(),
            faults=ActiveRules(),
            picture_workers=anyio.CapacityLimiter(PICTURE_WORKERS),
            fetchers=anyio.CapacityLimiter(FETCHERS),
        )


def _application(
    options: StoreOptions, context: StoreContext, keepalive: KeepAlive, token: str
) -> ASGIApp:
    router = Router(
        [
            *ImageRoutes(context).routes(),
            *ProductRoutes(context).routes(),
            *AdminRoutes(context, keepalive, token).routes(),
            *PageRoutes(context).routes(),
        ],
        redirect_slashes=False,
    )
    app: ASGIApp = AccessControl(
        router, token, options.read_only_token, context.rate_limit, context.quirks
    )
    app = FaultInjection(app, context.faults, context.rate_limit, context.quirks)
    app = ConcurrencyLimit(app, context.quirks.most_concurrent, context.quirks)
    app = HostAllowance(app, options.host, options.allowed_hosts, context.quirks)
    return RequestLogging(LingeringClose(app), context.request_log)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol spelled out: asyncio sends small answers at once (without Nagle's 40 ms
    # wait) only where it sees that a socket is TCP's.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # Elsewhere a restart would wait for old connections; on Windows it would share the port.
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(1024)
    except (OSError, OverflowError) as error:
        listening.close()
        raise LocalStoreError(f"cannot listen on {host} port {port}: {error}") from error
    if not _is_loopback(host):
        print(  # noqa: T201 - the one who starts it must see this
            f"warning: the local store listens on {host}, so other machines can see its pictures",
            file=sys.stderr,
        )
    with listening:
        yield listening


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _running_store(host: str, listening: socket.socket, hash_: str, token: str) -> RunningStore:
    # Where it listens on all addresses, the loopback is the one that is surely its own.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    port = listening.getsockname()[1]
    page = f"http://{f'[{name}]' if ':' in name else name}:{port}/"
    return RunningStore(pid=os.getpid(), url=f"{page}stores/{hash_}/v3", token=token, page=page)
