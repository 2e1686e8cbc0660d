"""The real watcher, started and stopped as a service manager does."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from pipeline.ledger.sqlite import open_reader
from pipeline.lifecycle import State
from tests import posix
from tests.stories.commands import Command, until

__all__ = ["Watching", "counts"]


def counts(pipeline: Command) -> dict[str, int]:
    """Count the photographs by state, as the ledger has them."""
    reader = open_reader(pipeline.home / "ledger.sqlite3", None)
    tally = reader.tally()
    reader.close()
    return {str(state): tally[state] for state in State}


class Watching:
    """`pipeline watch` in a process of its own, whose words are read as a terminal reads them."""

    def __init__(self, pipeline: Command, *arguments: object, **settings: object) -> None:
        self.pipeline = pipeline
        self._arguments = arguments
        self._settings = {f"PIPELINE_{name.upper()}": str(one) for name, one in settings.items()}
        self.process: subprocess.Popen[str] | None = None
        self._said: list[str] = []
        self._listener: Thread | None = None

    def start(self) -> None:
        """Start it, and wait until it watches."""
        settings = {**self._settings, "PYTHONFAULTHANDLER": "1"}
        self.process = self.pipeline.start("watch", *self._arguments, environment=settings)
        self._said.clear()
        self._listener = Thread(target=self._listen, args=(self.process,))
        self._listener.start()
        until(lambda: self._beats() or self._ended())
        assert not self._ended(), "".join(self._said)

    def stop(self) -> str:
        """Ask it to stop; it must end well, and soon. Give what it said."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            # It leaves after eight seconds by itself; a busy machine may need longer for that.
            status = self.process.wait(90)
        except subprocess.TimeoutExpired as error:
            # Where each of its threads is.
            self.process.send_signal(signal.SIGABRT)
            raise AssertionError(f"it does not end: {self._all_it_said()}") from error
        said = self._all_it_said()
        assert "Traceback" not in said, said
        assert status == 0, said
        return said

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        posix.killpg(self.process.pid, posix.SIGKILL)
        self.process.wait()
        self._all_it_said()

    @contextmanager
    def running(self) -> Iterator[Watching]:
        """Run it for a while."""
        self.start()
        try:
            yield self
        except BaseException:
            self.kill()
            raise
        else:
            self.stop()

    def stored(self, number: int, seconds: float = 60) -> None:
        """Wait until so many photographs are stored."""
        until(lambda: counts(self.pipeline)["stored"] >= number, seconds)

    def log(self) -> str:
        """Return what stands in the log file."""
        return (self.pipeline.home / "logs" / "watch.jsonl").read_text("utf-8")

    def status(self) -> Any:
        """Return the document of `pipeline status`."""
        return self.pipeline("status", "--json").well().document

    def _beats(self) -> bool:
        assert self.process is not None
        heartbeat: Path = self.pipeline.home / "watch.json"
        return heartbeat.exists() and f'"pid": {self.process.pid}' in heartbeat.read_text()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        with process.stderr as words:
            self._said.extend(words)

    def _all_it_said(self) -> str:
        assert self.process is not None
        assert self.process.stdout is not None
        assert self._listener is not None
        self._listener.join(20)
        with self.process.stdout as out:
            return out.read() + "".join(self._said)

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None
