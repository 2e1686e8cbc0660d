"""The real command in a process of its own, and photographs to give it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline.settings import CUSTOMARY
from tests import posix
from tests.forkserver import ROOT, can_fork, fork_server
from tests.json_documents import check_document
from tests.localstore.process import StoreProcess

__all__ = ["ROOT", "Command", "Ended", "photograph", "until"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document that it must be."""
        return json.loads(self.out)

    @property
    def counts(self) -> dict[str, int]:
        found: dict[str, int] = self.document["counts"]
        return found

    def well(self) -> Ended:
        """Say what went wrong where it did not end with 0."""
        assert self.status == 0, f"exit status {self.status}\n{self.out}\n{self.err}"
        return self


class Command:
    """`pipeline` with a home of its own; with `store`, pointed at that store.

    Most stories need just some product: theirs are folders named by plain ids, for short.
    """

    def __init__(
        self,
        home: Path,
        store: StoreProcess | None = None,
        *,
        plain_ids: bool = True,
        **settings: object,
    ) -> None:
        self.home = home
        names = ("PIPELINE_", "BIGCOMMERCE_", "LOCALSTORE_", *CUSTOMARY["ca_file"])
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(names)
        }
        self.environment |= {"PIPELINE_HOME": str(home), "COLUMNS": "100"}
        if plain_ids:
            self.environment["PIPELINE_PLAIN_IDS"] = "true"
        for name, value in settings.items():
            self.environment[f"PIPELINE_{name.upper()}"] = str(value)
        if store is not None:
            self.environment["PIPELINE_STORE_URL"] = store.url
            self.environment["BIGCOMMERCE_ACCESS_TOKEN"] = store.token

    def start(
        self, *arguments: object, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start it and go on; its process group is its own, as in a shell."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **(environment or {})},
            cwd=ROOT,
            start_new_session=True,
        )

    def __call__(
        self, *arguments: object, environment: Mapping[str, str] | None = None, timeout: float = 180
    ) -> Ended:
        """Run it to its end; forked from a process that has imported it, where that is the same."""
        whole = {**self.environment, **(environment or {})}
        if not can_fork(whole):
            return ended(self.start(*arguments, environment=environment), timeout)
        with tempfile.TemporaryDirectory(prefix="command-") as folder, fork_server() as run:
            out, err = Path(folder) / "out", Path(folder) / "err"
            status = run([str(word) for word in arguments], whole, out, err, timeout)
            words = [str(word) for word in arguments]
            return _told(words, status, out.read_text("utf-8"), err.read_text("utf-8"))


def ended(process: subprocess.Popen[str], timeout: float = 180) -> Ended:
    """Wait for the end of a command."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        posix.killpg(process.pid, posix.SIGKILL)
        raise
    assert isinstance(process.args, list)
    return _told([str(word) for word in process.args[3:]], process.returncode, out, err)


def _told(words: Sequence[str], status: int, out: str, err: str) -> Ended:
    assert "Traceback" not in out + err, err
    check_document(words, out)
    return Ended(status=status, out=out, err=err)


def photograph(
    path: Path, number: int = 0, size: tuple[int, int] = (320, 240), **options: Any
) -> Path:
    """Write a picture that no other number has, in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    across = Image.linear_gradient("L").resize(size)
    down = across.transpose(Image.Transpose.ROTATE_180)
    image = Image.merge("RGB", (across, down, Image.new("L", size, number * 37 % 256)))
    image.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    image.save(path, **options)
    return path


def until(happens: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
