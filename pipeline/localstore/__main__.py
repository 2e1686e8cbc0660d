"""`python -m pipeline.localstore`: the store by itself, for tests and for whoever embeds it.

The token comes from the environment, never from the command line, where every user of the
machine could read it: `LOCALSTORE_TOKEN`, and `LOCALSTORE_READ_ONLY_TOKEN` for a second one
without the scope for changes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from pipeline.localstore import LocalStoreError, RunningStore, StoreOptions, close_folder, serve
from pipeline.localstore.options import PLANS, PROFILES, READ_ONLY_TOKEN_VARIABLE, TOKEN_VARIABLE
from pipeline.localstore.quirks import described_quirks, named_quirks


def main() -> int:
    """Serve, and print one line of JSON on standard output when the store answers."""
    options = _options()
    # Pictures, tokens and logs of requests are their owner's alone, whatever the mask was.
    os.umask(0o077)
    if not options.scratch and (closed := close_folder(options.data)):
        print(  # noqa: T201
            f"local store: others could look into {options.data} ({closed} places): no more",
            file=sys.stderr,
        )
    if options.keep_alive:
        # From the first moment on: a Ctrl-C may come while the server is still being imported.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        serve(options, _announce)
    except LocalStoreError as error:
        print(f"local store: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _announce(store: RunningStore) -> None:
    print(json.dumps(asdict(store)), flush=True)  # noqa: T201


def _options() -> StoreOptions:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.localstore",
        description="The store's Product Images API on this machine.",
        epilog="quirks (the default first):\n  " + "\n  ".join(described_quirks()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="FOLDER", help="where all is kept")
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="answer under this name as well; repeatable",
    )
    add("--port", type=int, default=0, help="the port; 0 takes a free one (%(default)s)")
    add("--plan", choices=list(PLANS), default="standard", help="the rate limit (%(default)s)")
    add("--profile", choices=list(PROFILES), default="reference", help="limits (%(default)s)")
    add(
        "--catalogue",
        type=Path,
        metavar="CSV",
        help="columns id,sku,name,product_id",
    )
    add("--open", action="store_true", help="any product that is asked for comes into being")
    add("--quirk", action="append", default=[], metavar="NAME=VALUE", help="see below")
    add("--hold", action="store_true", help="end when nobody holds GET /_hold open any more")
    add("--scratch", action="store_true", help="change nothing in the data folder")
    add(
        "--read-only-token",
        metavar="TOKEN",
        help="a token that may only read (others can see it here: better by the environment)",
    )
    given = parser.parse_args()
    try:
        quirks = named_quirks(given.quirk)
    except LocalStoreError as error:
        parser.error(f"--quirk: {error}")
    return StoreOptions(
        data=given.data,
        host=given.host,
        port=given.port,
        token=os.environ.get(TOKEN_VARIABLE) or None,
        read_only_token=given.read_only_token or os.environ.get(READ_ONLY_TOKEN_VARIABLE) or None,
        plan=given.plan,
        profile=given.profile,
        catalogue=given.catalogue,
        open_catalogue=given.open,
        quirks=quirks,
        keep_alive=given.hold,
        scratch=given.scratch,
        allowed_hosts=given.allow_host,
    )


if __name__ == "__main__":
    sys.exit(main())
