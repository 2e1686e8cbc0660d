"""The store's Product Images API on this machine: a real server with its own data folder.

For whoever has no account yet, wants to rehearse, or tests. It imports nothing of the rest of
the project, so that a mistake in the client's reading of the API cannot hide in the store's.

`serve` blocks and runs the store; `running_store` says whether one answers for a data folder.
Both take and return only what is in `__all__`; importing this package is cheap, because the server
itself is imported by `serve` alone.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.localstore.instance import close_folder, running_store
from pipeline.localstore.options import (
    READ_ONLY_TOKEN_VARIABLE,
    TOKEN_VARIABLE,
    LocalStoreError,
    RunningStore,
    StoreOptions,
)
from pipeline.localstore.quirks import described_quirks, named_quirks

__all__ = [
    "READ_ONLY_TOKEN_VARIABLE",
    "TOKEN_VARIABLE",
    "LocalStoreError",
    "RunningStore",
    "StoreOptions",
    "close_folder",
    "described_quirks",
    "named_quirks",
    "running_store",
    "serve",
]


def serve(options: StoreOptions, announce: Callable[[RunningStore], None]) -> None:
    """Run the store until SIGTERM or SIGINT (or, with `keep_alive`, until its last user has gone).

    Args:
        options: what to serve, and how.
        announce: called once, when the store answers.

    Raises:
        LocalStoreError: it cannot be started: the port is taken, the data folder is in use by
            another store or not writable, the catalogue or an option is wrong.
    """
    # Starlette, uvicorn and Pillow cost half a second, which `running_store` must not.
    from pipeline.localstore.server import run

    run(options, announce)
