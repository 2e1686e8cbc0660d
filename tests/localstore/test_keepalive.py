"""A store that lives for its users."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.localstore.process import StoreProcess


def test_a_held_store_ends_when_its_last_holder_is_killed(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path / "data", "--hold")
    first = store.keep_alive()
    program = (
        "import socket, sys, time;"
        f"s = socket.create_connection(('127.0.0.1', {urlsplit(store.page).port}));"
        "s.sendall(b'GET /_hold HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n');"
        "s.recv(1); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as second:
        assert second.stdout is not None
        assert second.stdout.readline() == "held\n"
        # A terminal's Ctrl-C is for the runs, which end in their own time.
        store.process.send_signal(signal.SIGINT)
        first.close()
        time.sleep(2.2)
        assert store.process.poll() is None
        began = time.monotonic()
        second.kill()
    assert store.process.wait(60) == 0
    assert time.monotonic() - began > 1.5, "another may come for a while"
    assert not (tmp_path / "data" / "running.json").exists()
    store.session.close()


def test_a_holder_who_comes_in_time_keeps_it_alive(tmp_path: Path) -> None:
    store = StoreProcess(tmp_path / "data", "--hold")
    store.keep_alive().close()
    # At once, for on a busy machine this may take a while; then longer than it waits for anybody.
    again = store.keep_alive()
    time.sleep(2.5)
    assert store.process.poll() is None
    assert store.process.returncode is None
    again.close()
    assert store.process.wait(60) == 0
    store.session.close()
