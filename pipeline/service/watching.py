"""What `pipeline status` and `pipeline service status` say of the watcher and of the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.hook.inbox import entries
from pipeline.ledger.reading import LedgerReader
from pipeline.lifecycle import UNFINISHED_STATES, State
from pipeline.service.heartbeat import Heartbeat, read_heartbeat, since, watching
from pipeline.values import Tally

__all__ = ["WatchState", "watch_state"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """How the watcher of a home does; sentences, document and exit status are made of it."""

    alive: bool
    """Whether a process holds the watcher's lock."""

    last: Heartbeat | None
    """The watcher's last word; None where it has said none yet, or ended as it was asked to."""

    late: bool
    """Whether that word is so old that a watcher that lives must be stuck."""

    stored_today: int
    unfinished: int
    """Photographs that are taken in, and neither stored nor given up."""

    noted_down: int
    """Shots that a hook noted down and nobody has taken in."""

    @property
    def starting(self) -> bool:
        """Whether it lives and has said nothing yet."""
        return self.alive and self.last is None

    @property
    def at_work(self) -> bool:
        """Whether it lives, has begun, and moves."""
        return self.alive and self.last is not None and not self.late

    def sentences(self) -> Iterator[str]:
        """Return what is to be said, a sentence a line; nothing where nobody watches or waits."""
        if self.starting:
            yield "a watcher is starting"
        elif self.last is not None:
            yield from _of_living(self, self.last) if self.alive else _of_dead(self.last)
        if self.noted_down:
            noted = "1 shot is" if self.noted_down == 1 else f"{self.noted_down} shots are"
            does = "a watcher or the next shot's hook does it"
            yield f"{noted} noted down and not taken in yet: {does}"

    def document(self) -> dict[str, Any]:
        """Return the same as JSON: `watcher` is null where none lives, or none has begun."""
        last, watcher = self.last, None
        if self.alive and last is not None:
            watcher = {
                "pid": last.pid,
                "since": last.started_at.isoformat(),
                "seen": last.beat_at.isoformat(),
                "folders": list(last.folders),
                "gone": list(last.gone),
                "settling": last.settling,
                "last_error": last.error,
            }
        return {
            "watcher": watcher,
            "stored_today": self.stored_today,
            "noted_down": self.noted_down,
        }


def watch_state(home: Path, reader: LedgerReader, tally: Tally) -> WatchState:
    """Return how the watcher of a home does at this moment."""
    last = read_heartbeat(home)
    return WatchState(
        alive=watching(home),
        last=last,
        late=last is not None and last.late,
        stored_today=reader.stored_since(_midnight()),
        unfinished=sum(tally[state] for state in (*UNFINISHED_STATES, State.WAITING)),
        noted_down=len(entries(str(home))),
    )


def _of_living(state: WatchState, last: Heartbeat) -> Iterator[str]:
    folders = "1 folder" if len(last.folders) == 1 else f"{len(last.folders)} folders"
    yield (
        f"watching {folders} since {since(last.started_at)}, {state.stored_today} stored today, "
        f"{state.unfinished + last.settling} waiting"
    )
    yield from (f"{folder} is gone: watched again when it is back" for folder in last.gone)
    if state.late:
        yield f"the watcher has not moved since {since(last.beat_at)}: see its log"
    if last.error is not None and last.error_at is not None:
        yield f"last trouble, {since(last.error_at)}: {last.error}"


def _of_dead(last: Heartbeat) -> Iterator[str]:
    yield (
        f"no watcher runs: the one that started {since(last.started_at)} ended without a word, "
        f"last seen {since(last.beat_at)}"
    )


def _midnight() -> datetime:
    today = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC)
